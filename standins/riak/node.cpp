#include "standins/riak/node.h"

#include <algorithm>
#include <ctime>

#include "base/hash.h"
#include "base/net/http_target.h"

namespace backstitch::standin {
namespace {

constexpr std::size_t object_bytes_max = 50u << 20, object_bytes_more = 245;  // what a node adds to a body, as recorded
constexpr const char* server = "MochiWeb/3.0.0 WebMachine/0.0.0+build.698.refadbf4a6 (greased slide to failure)";

const char* reason(int status) {
  static const std::map<int, const char*> reasons{{200, "OK"},
                                                  {201, "Created"},
                                                  {204, "No Content"},
                                                  {300, "Multiple Choices"},
                                                  {304, "Not Modified"},
                                                  {400, "Bad Request"},
                                                  {404, "Object Not Found"},
                                                  {405, "Method Not Allowed"},
                                                  {406, "Not Acceptable"},
                                                  {409, "Conflict"},
                                                  {412, "Precondition Failed"},
                                                  {500, "Internal Server Error"},
                                                  {503, "Service Unavailable"}};
  const auto found = reasons.find(status);
  return found == reasons.end() ? "" : found->second;
}

std::string date(Time time) {
  const std::time_t seconds = time.us / 1'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

RiakAnswer plain(int status, const std::string& type, std::string body = {}) {
  return {status, {{"Content-Type", type}}, std::move(body)};
}
RiakAnswer missing() { return plain(404, "text/plain", "not found\n"); }
RiakAnswer refused(const std::string& why) { return plain(400, "text/plain", why); }
RiakAnswer conflict(int status) {
  const std::string words = reason(status);
  return plain(status, "text/html",
               fmt::format("<html><head><title>{} {}</title></head><body><h1>{}</h1><p><hr><address>mochiweb+webmachine web "
                           "server</address></body></html>",
                           status, words, words));
}

std::string value(const Headers& pairs, std::string_view name) {
  for (const auto& [key, text] : pairs)
    if (key == name) return text;
  return {};
}

std::string decoded(const std::string& segment) {
  HttpTarget target;
  return parse_target("/" + segment, target) ? target.path.substr(1) : std::string();
}

std::vector<std::string> segments(const std::string& target) {
  std::vector<std::string> out;
  const std::string path = target.substr(0, target.find('?'));
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    out.push_back(decoded(path.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

bool starts_with_case(std::string text, std::string_view prefix) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.starts_with(prefix);
}

/// A parameter that nobody knows, which a real node passes over.
std::string unknown_parameter(const Headers& query) {
  static const std::set<std::string> known{"returnbody", "deletedvclock", "pr",          "pw",           "r",           "w",
                                           "timeout",    "keys",          "max_results", "return_terms", "continuation"};
  for (const auto& [name, text] : query)
    if (!known.contains(name)) return name;
  return {};
}

std::string properties(const RiakType& type) {
  return fmt::format(
      R"({{"props":{{"young_vclock":20,"w":"quorum","sync_on_write":"backend","small_vclock":50,"rw":"quorum","r":"quorum",)"
      R"("pw":0,"precommit":[],"pr":0,"postcommit":[],"old_vclock":86400,"notfound_ok":true,"node_confirms":0,"n_val":1,)"
      R"("linkfun":{{"mod":"riak_kv_wm_link_walker","fun":"mapreduce_linkfun"}},"last_write_wins":false,"dw":"quorum",)"
      R"("dvv_enabled":true,"chash_keyfun":{{"mod":"riak_core_util","fun":"chash_std_keyfun"}},"big_vclock":50,)"
      R"("basic_quorum":false,"backend":"{}","allow_mult":{},"active":true,"claimant":"om@127.0.0.1"}}}})",
      type.backend, type.allow_mult);
}

}  // namespace

std::string RiakAnswer::text(bool with_body) const {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", status, reason(status));
  for (const auto& [name, text] : headers) out += name + ": " + text + "\r\n";
  if (status != 204 && status != 304) out += fmt::format("Content-Length: {}\r\n", body.size());
  return out + "\r\n" + (with_body ? body : "");
}

RiakNode::RiakNode(Settings settings)
    : settings_(std::move(settings)),
      sessions_{"sessions", "session", false, settings_.session_expiry_ms},
      grants_{"grants", "grant", true} {}

std::string RiakNode::draw(const std::string& kind) { return settings_.draw ? settings_.draw(kind) : random_hex(12); }

std::optional<std::string> RiakNode::handle(const WireRequest& request) {
  std::unique_lock lock(mutex_);
  if (settings_.keep_requests) requests_.push_back(request);
  const int instead = next_.empty() ? 200 : next_.front();
  if (!next_.empty()) next_.pop_front();
  RiakAnswer out = instead == 200 || instead == 0 ? answer(request) : plain(instead, "text/plain", "as the test asked\n");
  changed_.wait(lock, [&] { return !silent_; });
  if (instead == 0) return std::nullopt;
  return out.text(request.method != "HEAD");
}

RiakAnswer RiakNode::answer(const WireRequest& request) {
  const auto path = segments(request.target);
  HttpTarget target;
  if (path.empty() || !parse_target(request.target, target)) return refused("what?");
  if (path[0] == "ping") return plain(200, "text/html", "OK");
  if (path[0] != "types" || path.size() < 3) return missing();
  if (const std::string name = unknown_parameter(target.query); !name.empty()) return refused("Unknown parameter: " + name);
  Place place;
  for (RiakType* type : {&sessions_, &grants_})
    if (path[1] == type->name) place.type = type;
  if (place.type == nullptr) return plain(404, "text/plain", "Unknown bucket type: " + path[1]);
  if (path.size() == 3 && path[2] == "props") return plain(200, "application/json", properties(*place.type));
  if (path.size() < 5 || path[2] != "buckets") return missing();
  place.bucket = path[3];
  if (path[4] == "props" && request.method == "PUT") return plain(204, "application/json");
  if (path[4] == "index") return index(target.query, place, {path.begin() + 5, path.end()});
  if (path[4] != "keys" || path.size() > 6) return missing();
  if (path.size() == 6) place.key = path[5];
  if (place.key.empty() && request.method == "GET") return index(target.query, place, {"$bucket"});
  if (place.key.empty() && request.method != "POST") return conflict(405);
  return on_object(request, target.query, place);
}

RiakAnswer RiakNode::on_object(const WireRequest& request, const Headers& query, const Place& place) {
  if (auto no = refused_quorum(query)) return *no;
  if (request.method == "PUT" || request.method == "POST") return write(request, query, place);
  if (request.method == "DELETE") return remove(request, place);
  if (request.method != "GET" && request.method != "HEAD") return conflict(405);
  return read(request, query, place.type->find(place.bucket, place.key, settings_.clock()), place.bucket);
}

/// All objects have one copy here (n_val 1).
std::optional<RiakAnswer> RiakNode::refused_quorum(const Headers& query) const {
  for (const char* name : {"pr", "pw", "r", "w"}) {
    const std::string wanted = value(query, name);
    if (wanted.empty() || wanted == "default" || wanted == "0") continue;
    if (wanted != "quorum" && wanted != "all" && wanted != "one" && wanted != "1")
      return RiakAnswer{400, {}, "Specified w/dw/pw/node_confirms values invalid for bucket n value of 1\n"};
    if (without_majority_ && name[0] == 'p')
      return plain(503, "text/plain", fmt::format("P{}-value unsatisfied: 0/1\n", name[1] == 'r' ? 'R' : 'W'));
  }
  return std::nullopt;
}

RiakAnswer RiakNode::read(const WireRequest& request, const Headers& query, const RiakObject* object, const std::string& bucket) {
  if (object == nullptr) return missing();
  if (object->is_gone()) {
    RiakAnswer out = missing();
    if (value(query, "deletedvclock") == "true")
      out.headers.insert(out.headers.begin(), {{"X-Riak-Vclock", object->clock}, {"X-Riak-Deleted", "true"}});
    return out;
  }
  if (object->versions.size() > 1) return siblings(request, *object, bucket);
  const RiakVersion& version = object->versions.front();
  const std::string etag = '"' + version.etag + '"', accept = request.header("Accept");
  if (request.header("If-None-Match") == etag) return {304, {{"ETag", etag}}, {}};
  if (!accept.empty() && accept.find("*/*") == std::string::npos && accept != version.content_type) return conflict(406);
  RiakAnswer out{200, {{"X-Riak-Vclock", object->clock}}, version.body};
  out.headers.insert(out.headers.end(), version.meta.begin(), version.meta.end());
  out.headers.insert(out.headers.end(), version.indexes.rbegin(), version.indexes.rend());
  const Headers more{{"Vary", "Accept-Encoding"},
                     {"Server", server},
                     {"Link", fmt::format("</buckets/{}>; rel=\"up\"", bucket)},
                     {"Last-Modified", date(version.modified)},
                     {"ETag", etag},
                     {"Date", date(settings_.clock())},
                     {"Content-Type", version.content_type}};
  out.headers.insert(out.headers.end(), more.begin(), more.end());
  return out;
}

RiakAnswer RiakNode::siblings(const WireRequest& request, const RiakObject& object, const std::string& bucket) {
  RiakAnswer out{300,
                 {{"X-Riak-Vclock", object.clock},
                  {"Last-Modified", date(object.versions.back().modified)},
                  {"ETag", '"' + object.etag + '"'}},
                 {}};
  if (request.header("Accept") != "multipart/mixed") {
    out.headers.emplace_back("Content-Type", "text/plain");
    out.body = "Siblings:\n";
    for (const RiakVersion& version : object.versions) out.body += version.etag + "\n";
    return out;
  }
  const std::string boundary = draw("boundary");
  out.headers.emplace_back("Content-Type", "multipart/mixed; boundary=" + boundary);
  for (const RiakVersion& version : object.versions) {
    out.body +=
        fmt::format("\r\n--{}\r\nContent-Type: {}\r\nLink: </buckets/{}>; rel=\"up\"\r\nEtag: {}\r\nLast-Modified: {}\r\n",
                    boundary, version.content_type, bucket, version.etag, date(version.modified));
    for (const Headers* headers : {&version.meta, &version.indexes})
      for (const auto& [name, text] : *headers) out.body += name + ": " + text + "\r\n";
    if (version.deleted) out.body += "X-Riak-Deleted: true\r\n";
    out.body += "\r\n" + version.body;
  }
  out.body += "\r\n--" + boundary + "--\r\n";
  return out;
}

RiakAnswer RiakNode::write(const WireRequest& request, const Headers& query, const Place& place) {
  const std::string type = request.header("Content-Type"), context = request.header("X-Riak-Vclock"),
                    unmodified = request.header("X-Riak-If-Not-Modified");
  if (type.empty()) return refused("Missing Content-Type request header");
  if (request.body.size() > object_bytes_max)
    return plain(500, "text/plain", fmt::format("Error:\n{{too_large,{}}}\n", request.body.size() + object_bytes_more));
  for (const std::string& clock : {context, unmodified})
    if (!clock.empty() && !clocks_.knows(clock)) return refused("Unknown vclock");
  Place at = place;
  if (at.key.empty()) at.key = draw("key");
  const RiakObject* object = at.type->find(at.bucket, at.key, settings_.clock());
  const bool there = object != nullptr && !object->is_gone(), any = has(RiakFlaw::takes_every_condition);
  const std::string match = request.header("If-Match");
  if (request.header("If-None-Match") == "*" && there && !any) return conflict(412);
  if (!match.empty() && !(there && '"' + object->versions.front().etag + '"' == match) && !any) return conflict(412);
  if (!unmodified.empty() && !(object != nullptr && object->clock == unmodified) && !any) return conflict(409);
  if (there && context.empty()) ++blind_writes_;
  RiakVersion version{draw("etag"), type, request.body, {}, {}, false, settings_.clock(), 0};
  for (const auto& header : request.headers)
    if (starts_with_case(header.first, "x-riak-meta-"))
      version.meta.push_back(header);
    else if (starts_with_case(header.first, "x-riak-index-"))
      version.indexes.push_back(header);
  if (has(RiakFlaw::cuts_at_zero)) version.body.resize(std::min(version.body.find('\0'), version.body.size()));
  if (!has(RiakFlaw::loses_writes) && !(there && has(RiakFlaw::keeps_the_first))) keep(at, std::move(version), context);
  if (request.method == "POST") {
    const std::string location = fmt::format("/types/{}/buckets/{}/keys/{}", at.type->name, at.bucket, at.key);
    return {201, {{"Location", location}, {"Content-Type", type}}, {}};
  }
  if (value(query, "returnbody") != "true") return plain(204, type);
  return read(request, query, at.type->find(at.bucket, at.key, settings_.clock()), at.bucket);
}

RiakAnswer RiakNode::remove(const WireRequest& request, const Place& place) {
  const RiakObject* object = place.type->find(place.bucket, place.key, settings_.clock());
  if (object == nullptr || object->is_gone()) return missing();
  std::string context = request.header("X-Riak-Vclock");
  if (!context.empty() && !clocks_.knows(context)) return refused("Unknown vclock");
  if (context.empty()) context = object->clock;
  if (!has(RiakFlaw::deletes_nothing))
    keep(place, {draw("etag"), "application/octet-stream", {}, {}, {}, true, settings_.clock(), 0}, context);
  return plain(204, "text/html");
}

void RiakNode::keep(const Place& place, RiakVersion version, const std::string& context) {
  RiakObject& object = place.type->objects[{place.bucket, place.key}];
  clocks_.write(object, std::move(version), context, draw("clock"), place.type->allow_mult);
  if (object.versions.size() > 1) object.etag = draw("etag");
}

}  // namespace backstitch::standin
