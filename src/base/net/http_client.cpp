#include "base/net/http_client.h"

#include <curl/curl.h>

#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/assert.h"

namespace backstitch {
namespace {

constexpr std::size_t answer_bytes_max = 64u << 20;
constexpr long idle_connections_max = 256;

/// One call in the hands of curl; curl points into it, so it never moves.
struct Transfer {
  HttpCall call;
  std::function<void(HttpAnswer)> done;
  HttpAnswer answer;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  int sends_begun = 0;
  bool headers_ended = false;
  char words[CURL_ERROR_SIZE] = "";
  ~Transfer() { curl_slist_free_all(headers); }
};

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* context) {
  auto* transfer = static_cast<Transfer*>(context);
  if (transfer->call.on_bytes) return transfer->call.on_bytes({bytes, count}) ? count : 0;
  std::string& body = transfer->answer.body;
  if (body.size() + count > answer_bytes_max) return 0;
  body.append(bytes, count);
  return count;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* context) {
  auto* transfer = static_cast<Transfer*>(context);
  auto& headers = transfer->answer.headers;
  std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) headers.clear(), transfer->headers_ended = false;  // a 1xx answer may stand before the real one
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.empty()) transfer->headers_ended = true;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(line.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  headers.emplace_back(std::move(name), value);
  return count;
}

long bytes_left(CURL* easy) {
  long bytes = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes;
}

/// curl calls this each time before it sends. The second time within one call is its own retry, made when a kept connection
/// was closed without an answer; the peer may have read the request before. Refused unless no byte of the first try left.
int before_send(void* context, char*, char*, int, int) {
  auto* transfer = static_cast<Transfer*>(context);
  const bool again = transfer->sends_begun++ > 0;
  return again && transfer->call.never_resend && bytes_left(transfer->easy) > 0 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void set_method(CURL* easy, const HttpCall& call) {
  if (call.method == "GET" && call.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else if (call.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    const bool bodiless = call.body.empty() && call.method != "POST" && call.method != "PUT" && call.method != "PATCH";
    if (!bodiless) {
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
    }
    if (call.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
}

void set_headers(Transfer& transfer) {
  bool typed = false;
  auto add = [&](const std::string& line) { transfer.headers = curl_slist_append(transfer.headers, line.c_str()); };
  for (const auto& [name, value] : transfer.call.headers) {
    typed = typed || curl_strequal(name.c_str(), "content-type");
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  if (!typed) add(transfer.call.body.empty() ? "Content-Type:" : "Content-Type: application/json");
  add("Expect:");  // no waiting for 100: a call is sent whole or not at all
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.headers);
}

void prepare(Transfer& transfer) {
  CURL* easy = transfer.easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_URL, transfer.call.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // where a call goes is said by its settings alone
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (!transfer.call.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, transfer.call.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(transfer.call.timeout_ms));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.words);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_send);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
  set_method(easy, transfer.call);
  set_headers(transfer);
}

/// What a failure proves. Only one thing proves that nothing was taken: the kernel accepted no byte of the request, on the
/// last try or on any before it; the kind of failure alone does not (a retry may be refused after a first try was read).
/// With TLS a failed write may have pushed out a part of a record.
Delivery delivery_of(CURLcode code, const Transfer& transfer) {
  // curl says OK, too, when the connection ended in the middle of the header, or after a 1xx answer alone.
  if (code == CURLE_OK) return transfer.headers_ended && transfer.answer.status >= 200 ? Delivery::answered : Delivery::no_answer;
  const bool tls_write = code == CURLE_SEND_ERROR && curl_strnequal(transfer.call.url.c_str(), "https", 5);
  return bytes_left(transfer.easy) == 0 && !tls_write ? Delivery::not_sent : Delivery::no_answer;
}

/// Nobody who is asked again will show another one. An authority's file that cannot be read lets nobody in, either.
bool is_untrusted(CURLcode code) { return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE; }

std::string words_for(CURLcode code, const Transfer& transfer) {
  if (code == CURLE_OK) return "the connection was closed in the middle of the answer";
  if (code == CURLE_ABORTED_BY_CALLBACK && transfer.sends_begun > 1) return "the connection was closed without an answer";
  return transfer.words[0] ? transfer.words : curl_easy_strerror(code);
}

HttpAnswer unanswered(Delivery delivery, const char* why) {
  HttpAnswer answer;
  answer.delivery = delivery;
  answer.error = why;
  return answer;
}

}  // namespace

struct HttpClient::Loop {
  std::mutex mutex;
  std::vector<std::unique_ptr<Transfer>> waiting;  // under mutex
  bool stopping = false;                           // under mutex
  CURLM* multi = nullptr;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> running;  // own thread only
  std::vector<CURL*> spare;                                      // own thread only
  std::thread thread;

  void run();
  void begin(std::unique_ptr<Transfer> transfer);
  void end(CURL* easy, CURLcode code);
  void end_all();
};

void HttpClient::Loop::begin(std::unique_ptr<Transfer> transfer) {
  if (spare.empty()) spare.push_back(curl_easy_init());
  transfer->easy = spare.back();
  spare.pop_back();
  prepare(*transfer);
  const CURLMcode code = curl_multi_add_handle(multi, transfer->easy);
  BS_ASSERT(code == CURLM_OK, curl_multi_strerror(code));
  running.emplace(transfer->easy, std::move(transfer));
}

void HttpClient::Loop::end(CURL* easy, CURLcode code) {
  auto entry = running.extract(easy);
  Transfer& transfer = *entry.mapped();
  HttpAnswer& answer = transfer.answer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  answer.delivery = delivery_of(code, transfer);
  if (answer.delivery != Delivery::answered) answer = unanswered(answer.delivery, words_for(code, transfer).c_str());
  answer.untrusted = is_untrusted(code);
  curl_multi_remove_handle(multi, easy);
  curl_easy_reset(easy);
  spare.push_back(easy);
  transfer.done(std::move(answer));
}

void HttpClient::Loop::end_all() {
  while (!running.empty()) {
    auto entry = running.extract(running.begin());
    curl_multi_remove_handle(multi, entry.key());
    spare.push_back(entry.key());
    entry.mapped()->done(unanswered(Delivery::no_answer, "the client was closed"));
  }
  for (CURL* easy : spare) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
}

void HttpClient::Loop::run() {
  for (;;) {
    std::vector<std::unique_ptr<Transfer>> arrived;
    bool stop = false;
    {
      std::lock_guard lock(mutex);
      arrived.swap(waiting);
      stop = stopping;
    }
    for (auto& transfer : arrived) {
      if (stop)
        transfer->done(unanswered(Delivery::not_sent, "the client was closed"));
      else
        begin(std::move(transfer));
    }
    if (stop) return end_all();
    int left = 0;
    curl_multi_perform(multi, &left);
    while (CURLMsg* message = curl_multi_info_read(multi, &left))
      if (message->msg == CURLMSG_DONE) end(message->easy_handle, message->data.result);
    curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
}

HttpClient::HttpClient() : loop_(std::make_unique<Loop>()) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_ALL);
  BS_ASSERT(ready == CURLE_OK, "curl starts");
  loop_->multi = curl_multi_init();
  curl_multi_setopt(loop_->multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
  loop_->thread = std::thread([loop = loop_.get()] { loop->run(); });
}

HttpClient::~HttpClient() {
  {
    std::lock_guard lock(loop_->mutex);
    loop_->stopping = true;
  }
  curl_multi_wakeup(loop_->multi);
  loop_->thread.join();
}

void HttpClient::call_async(HttpCall call, std::function<void(HttpAnswer)> done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->call = std::move(call);
  transfer->done = std::move(done);
  {
    std::lock_guard lock(loop_->mutex);
    if (!loop_->stopping) loop_->waiting.push_back(std::move(transfer));
  }
  if (transfer) return transfer->done(unanswered(Delivery::not_sent, "the client was closed"));
  curl_multi_wakeup(loop_->multi);
}

HttpAnswer HttpClient::call(const HttpCall& call) {
  BS_ASSERT(std::this_thread::get_id() != loop_->thread.get_id(), "the client's thread would wait for itself");
  std::promise<HttpAnswer> promise;
  auto answer = promise.get_future();
  call_async(call, [&](HttpAnswer result) { promise.set_value(std::move(result)); });
  return answer.get();
}

}  // namespace backstitch
