#include "stores/objects/s3/s3_bucket.h"

#include <algorithm>
#include <charconv>

#include "base/net/xml.h"

namespace backstitch::objects {
namespace {

using Meaning = S3Answer::Meaning;

/// "bytes 0-99/1234"
std::uint64_t whole_size(const S3Answer& answer) {
  const std::string range = answer.header("content-range");
  const std::size_t slash = range.find('/');
  std::uint64_t size = answer.body.size();
  if (slash != std::string::npos) std::from_chars(range.data() + slash + 1, range.data() + range.size(), size);
  return size;
}

constexpr int range_not_satisfiable = 416;

}  // namespace

S3Answer S3Bucket::ask_until_answered(const S3Request& request, std::int64_t bytes) {
  Backoff patience(settings().timeout_ms);
  for (;;) {
    S3Answer answer = requests_.ask(request, patience.left_ms(), bytes);
    if (answer.meaning != Meaning::again || !patience.wait()) return answer;
  }
}

Result<std::optional<S3Found>> S3Bucket::get(const std::string& key, const S3Part& part, const std::string& unless_etag) {
  S3Request request{.key = key, .query = {}, .headers = {}, .body = {}};
  if (!unless_etag.empty()) request.headers.emplace_back("if-none-match", "\"" + unless_etag + "\"");
  if (part.bytes > 0) request.headers.emplace_back("range", fmt::format("bytes={}-{}", part.from, part.from + part.bytes - 1));
  const auto expected = part.bytes > 0 ? static_cast<std::int64_t>(part.bytes) : settings().part_bytes;
  S3Answer answer = ask_until_answered(request, expected);
  if (answer.status == range_not_satisfiable && part.from == 0 && part.bytes > 0)
    return get(key, {}, unless_etag);  // it is empty
  if (answer.meaning == Meaning::absent) return std::nullopt;
  if (answer.meaning == Meaning::unchanged) return S3Found{{}, unless_etag, 0, true};
  if (answer.meaning != Meaning::done) return fail(answer.error());
  const std::uint64_t size = whole_size(answer);
  return S3Found{std::move(answer.body), answer.etag(), size, false};
}

Result<S3Written> S3Bucket::written(const S3Answer& answer) {
  switch (answer.meaning) {
    case Meaning::done: return S3Written{S3Put::done, answer.etag(), {}};
    case Meaning::absent:  // what was to be replaced is not there
    case Meaning::refused: return S3Written{S3Put::refused, {}, answer.words};
    case Meaning::again: return S3Written{S3Put::unknown, {}, answer.words};
    default: return fail(answer.error());
  }
}

Result<S3Written> S3Bucket::put(const std::string& key, const std::string& body, const S3Condition& condition) {
  S3Request request{"PUT", key, {}, {}, body};
  if (condition.kind == S3Condition::Kind::absent) request.headers.emplace_back("if-none-match", "*");
  if (condition.kind == S3Condition::Kind::as_read)
    request.headers.emplace_back("if-match", bare_etags_ ? condition.etag : "\"" + condition.etag + "\"");
  return written(requests_.ask(request, settings().timeout_ms));
}

Result<bool> S3Bucket::remove(const std::string& key) {
  const S3Answer answer = requests_.ask({"DELETE", key, {}, {}, {}}, settings().timeout_ms);
  if (answer.meaning == Meaning::wrong) return fail(answer.error());
  return answer.meaning == Meaning::done || answer.meaning == Meaning::absent;
}

Result<S3Answer> S3Bucket::page(const Pairs& query) {
  S3Answer answer = ask_until_answered({"GET", {}, query, {}, {}});
  if (answer.meaning != Meaning::done) return fail(answer.error());
  return answer;
}

Result<S3Bucket::Names> S3Bucket::list(const std::string& prefix, Depth depth, const std::string& after) {
  const std::string above = settings().prefix.empty() ? "" : settings().prefix + "/";
  Pairs query = {{"list-type", "2"}, {"prefix", above + prefix}, {"max-keys", std::to_string(settings().list_page)}};
  if (depth == Depth::one_level) query.emplace_back("delimiter", "/");
  const auto take = [&](std::vector<std::string>& names, const S3Answer& answer, const char* element, const char* inside) {
    for (const std::string_view one : xml_elements(answer.body, element))
      if (const std::string key = xml_text(one, inside); key.starts_with(above)) names.push_back(key.substr(above.size()));
  };
  Names names;
  for (std::string token;;) {
    Pairs wanted = query;
    if (!token.empty())
      wanted.emplace_back("continuation-token", token);
    else if (!after.empty())
      wanted.emplace_back("start-after", above + after);
    const auto answer = page(wanted);
    if (!answer) return fail(answer.error());
    take(names.keys, *answer, "Contents", "Key");
    take(names.folders, *answer, "CommonPrefixes", "Prefix");
    if (xml_text(answer->body, "IsTruncated") != "true") break;
    std::string next = xml_text(answer->body, "NextContinuationToken");
    if (next.empty() || next == token) return fail(Code::unreachable, "{}: a list of names that does not go on", where());
    token = std::move(next);
  }
  std::sort(names.keys.begin(), names.keys.end());
  std::sort(names.folders.begin(), names.folders.end());
  return names;
}

Result<bool> S3Bucket::has_versions() {
  const auto answer = page({{"versioning", ""}});
  if (!answer) return fail(answer.error());
  return !xml_text(answer->body, "Status").empty();  // also when it was enabled once and is suspended
}

Result<std::string> S3Bucket::begin_parts(const std::string& key) {
  const S3Answer answer = ask_until_answered({"POST", key, {{"uploads", ""}}, {}, {}});
  if (answer.meaning != Meaning::done) return fail(answer.error());
  std::string id = xml_text(answer.body, "UploadId");
  if (id.empty()) return fail(Code::unreachable, "{}: parts were begun and got no id", where(key));
  return id;
}

// The same part again replaces itself.
Result<std::string> S3Bucket::put_part(const std::string& key, const std::string& id, int number, const std::string& body) {
  const S3Answer answer = ask_until_answered({"PUT", key, {{"partNumber", std::to_string(number)}, {"uploadId", id}}, {}, body});
  if (answer.meaning != Meaning::done) return fail(answer.error());
  return answer.etag();
}

Result<S3Written> S3Bucket::end_parts(const std::string& key, const std::string& id, const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i)
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", i + 1, etags[i]);
  body += "</CompleteMultipartUpload>";
  const S3Answer answer = requests_.ask({"POST", key, {{"uploadId", id}}, {}, body}, settings().timeout_ms);
  // The server answers 200 at once and may tell its failure in the body.
  if (answer.meaning == Meaning::done && xml_elements(answer.body, "CompleteMultipartUploadResult").empty())
    return S3Written{S3Put::unknown, {}, fmt::format("{}: {}", where(key), xml_text(answer.body, "Message"))};
  return written(answer);
}

Status S3Bucket::give_up_parts(const std::string& key, const std::string& id) {
  const S3Answer answer = ask_until_answered({"DELETE", key, {{"uploadId", id}}, {}, {}});
  if (answer.meaning != Meaning::done && answer.meaning != Meaning::absent) return fail(answer.error());
  return {};
}

}  // namespace backstitch::objects
