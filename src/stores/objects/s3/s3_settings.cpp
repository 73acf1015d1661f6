#include "stores/objects/s3/s3_settings.h"

#include <algorithm>

#include "base/files.h"
#include "stores/objects/names.h"

namespace backstitch::objects {
namespace {

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

bool is_bucket(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

/// It is not shown: somebody may have written a password into it.
tl::unexpected<Error> not_an_endpoint() { return fail(Code::config_invalid, "S3: the endpoint is not http[s]://HOST[:PORT]"); }

bool strip_end(std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.resize(text.size() - end.size());
  return true;
}

}  // namespace

Result<S3Settings> checked(S3Settings settings) {
  while (strip_end(settings.endpoint, "/")) continue;
  while (strip_end(settings.prefix, "/")) continue;
  settings.prefix.erase(0, settings.prefix.find_first_not_of('/'));
  const bool tls = settings.endpoint.starts_with("https://");
  if (!tls && !settings.endpoint.starts_with("http://")) return not_an_endpoint();
  strip_end(settings.endpoint, tls ? ":443" : ":80");  // as every client writes the Host header, which is signed
  if (!is_host(std::string_view(settings.endpoint).substr(tls ? 8 : 7))) return not_an_endpoint();
  if (!is_bucket(settings.bucket)) return fail(Code::config_invalid, "S3: \"{}\" is no name of a bucket", settings.bucket);
  if (!settings.prefix.empty() && !check_name(settings.prefix))
    return fail(Code::config_invalid, "S3: \"{}\" is no prefix of names", settings.prefix);
  if (settings.access_key.empty() || settings.secret_key.empty())
    return fail(Code::config_invalid, "S3: access key and secret key are missing");
  if (!settings.ca_file.empty() && !file_exists(settings.ca_file))
    return fail(Code::config_invalid, "S3: there is no {}", settings.ca_file);
  return settings;
}

}  // namespace backstitch::objects
