#include "base/net/http_server.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>
#include <unordered_set>

#include "base/log.h"
#include "base/net/http_target.h"

namespace backstitch {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Longer than curl keeps an idle connection (118 s): the client closes first, and no request runs into a closing one.
constexpr seconds idle_max{180};
constexpr seconds transfer_max{60};
// After an early answer the rest of the request is read and thrown away for so long: closing with unread bytes would make
// the kernel reset the connection, and the client might never read the answer.
constexpr seconds linger_max{2};
constexpr int header_bytes_max = 64 << 10;

class Session;

/// What sessions share. All members are touched on the io thread only, but for `pool` and `handler`.
struct Shared {
  HttpServer::Settings settings;
  HttpServer::Handler handler;
  asio::io_context io{1};
  asio::thread_pool pool;
  std::unordered_set<Session*> sessions;
  bool stopping = false;
  explicit Shared(const HttpServer::Settings& s, HttpServer::Handler h)
      : settings(s), handler(std::move(h)), pool(static_cast<std::size_t>(std::max(1, s.threads))) {}
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }

using Message = http::response<http::string_body>;

Message build_message(HttpResponse&& response, unsigned version, bool keep_alive, bool is_head) {
  Message message{static_cast<http::status>(response.status), version};
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) message.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep_alive);
  if (!bodiless) message.content_length(response.body.size());
  if (!bodiless && !is_head) message.body() = std::move(response.body);
  return message;
}

HttpResponse run_handler(const HttpServer::Handler& handler, const HttpRequest& request) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    log_error("http.handler_threw", "method={} path={} error={}", request.method, request.path, error.what());
    return problem_response({Code::defect, fmt::format("{} {}: {}", request.method, request.path, error.what()), {}});
  }
}

/// One connection: read a header, perhaps say 100, read the body, run the handler in the pool, write, again.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket&& socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) { shared_.sessions.insert(this); }
  ~Session() { shared_.sessions.erase(this); }

  void read_header() {
    if (shared_.stopping) return close();
    state_ = State::reading;
    parser_.emplace();
    parser_->body_limit(shared_.settings.body_bytes_max);
    parser_->header_limit(header_bytes_max);
    stream_.expires_after(idle_max);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_header(error); });
  }

  void refuse(const Error& error) {
    version_ = 11, keep_alive_ = false, is_head_ = false;
    write(problem_response(error), true);
  }

  /// Lets a request that was handed to the handler finish; a connection on which none is complete ends now.
  void finish() {
    if (state_ == State::reading) stream_.cancel();
  }

 private:
  enum class State { reading, answering };

  void on_header(beast::error_code error) {
    if (error) return on_read_error(error);
    version_ = parser_->get().version();
    keep_alive_ = parser_->get().keep_alive();
    is_head_ = parser_->get().method() == http::verb::head;
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue") || parser_->is_done()) return read_body();
    go_on_ = std::make_unique<http::response<http::empty_body>>(http::status::continue_, version_);
    stream_.expires_after(transfer_max);
    http::async_write(stream_, *go_on_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (!failed) self->read_body();
    });
  }

  void read_body() {
    stream_.expires_after(shared_.stopping ? linger_max : transfer_max);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_request(error); });
  }

  void on_read_error(beast::error_code error) {
    if (error == http::error::body_limit)
      return refuse({Code::body_too_large, fmt::format("this server takes {} bytes", shared_.settings.body_bytes_max), {}});
    const bool nonsense = error.category() == http::make_error_code(http::error::bad_method).category() &&
                          error != http::error::end_of_stream && error != http::error::partial_message;
    if (nonsense) return refuse({Code::http_invalid, error.message(), {}});
    close();
  }

  void on_request(beast::error_code error) {
    if (error) return on_read_error(error);
    state_ = State::answering;
    stream_.expires_never();  // a handler takes the time it takes
    auto message = parser_->release();
    HttpTarget target;
    if (!parse_target(plain(message.target()), target))
      return refuse({Code::http_invalid, fmt::format("\"{}\" is not a request target", plain(message.target())), {}});
    HttpRequest request{std::string(plain(message.method_string())), std::move(target.path), std::move(target.query), {}, {}};
    for (const auto& field : message) request.headers.emplace_back(lower(plain(field.name_string())), plain(field.value()));
    request.body = std::move(message.body());
    asio::post(
        shared_.pool, [self = shared_from_this(), work = asio::make_work_guard(shared_.io), in = std::move(request)]() mutable {
          HttpResponse response = run_handler(self->shared_.handler, in);
          asio::io_context& io = self->shared_.io;
          // The session goes back to the io thread with the answer: only there may it end.
          asio::post(io, [self = std::move(self), out = std::move(response)]() mutable { self->on_response(std::move(out)); });
        });
  }

  void on_response(HttpResponse&& response) {
    if (response.drop_connection) return close();
    write(std::move(response), false);
  }

  void write(HttpResponse&& response, bool more_is_coming) {
    state_ = State::answering;
    if (shared_.stopping) keep_alive_ = false;
    message_.emplace(build_message(std::move(response), version_, keep_alive_, is_head_));
    serializer_.emplace(*message_);
    stream_.expires_after(transfer_max);
    auto written = [self = shared_from_this(), more_is_coming](beast::error_code error, std::size_t) {
      if (error) return self->close();
      if (self->keep_alive_) return self->read_header();
      more_is_coming ? self->linger() : self->close();
    };
    // An answer to HEAD states the length of a body that it does not have.
    is_head_ ? http::async_write_header(stream_, *serializer_, std::move(written))
             : http::async_write(stream_, *serializer_, std::move(written));
  }

  void linger() {
    state_ = State::reading;
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(linger_max);
    buffer_.clear();
    throw_away();
  }

  void throw_away() {
    if (shared_.stopping) return close();
    stream_.async_read_some(buffer_.prepare(64 << 10), [self = shared_from_this()](beast::error_code error, std::size_t) {
      error ? self->close() : self->throw_away();
    });
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.socket().close(ignored);
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<Message> message_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::unique_ptr<http::response<http::empty_body>> go_on_;
  unsigned version_ = 11;
  bool keep_alive_ = true, is_head_ = false;
  State state_ = State::reading;
};

class BeastServer final : public HttpServer {
 public:
  BeastServer(const Settings& settings, Handler handler)
      : shared_(settings, std::move(handler)), acceptor_(shared_.io), nap_(shared_.io) {}

  ~BeastServer() override {
    asio::post(shared_.io, [this] { stop(); });
    if (thread_.joinable()) thread_.join();  // ends when the last session has ended
    shared_.pool.join();
  }

  Status listen() {
    beast::error_code error;
    const auto address = asio::ip::make_address(shared_.settings.address, error);
    if (error) return fail(Code::environment, "\"{}\" is not an address", shared_.settings.address);
    const tcp::endpoint endpoint(address, static_cast<unsigned short>(shared_.settings.port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use)
      return fail(Code::port_taken, "{}:{}", shared_.settings.address, shared_.settings.port);
    if (error)
      return fail(Code::environment, "cannot listen on {}:{}: {}", shared_.settings.address, shared_.settings.port,
                  error.message());
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread([this] { shared_.io.run(); });
    return {};
  }

  int port() const override { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later(error);
      admit(std::move(socket));
      accept();
    });
  }

  void admit(tcp::socket&& socket) {
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const std::size_t count = shared_.sessions.size(), most = static_cast<std::size_t>(shared_.settings.connections_max);
    if (count >= most + 64) return;  // so many are being refused that words are too expensive: closed
    auto session = std::make_shared<Session>(std::move(socket), shared_);
    if (count >= most) return session->refuse({Code::connections_full, fmt::format("{} connections are open", most), {}});
    session->read_header();
  }

  /// Out of descriptors, most likely: the connection waits in the kernel's queue meanwhile.
  void accept_later(beast::error_code error) {
    log_warn("http.accept_failed", "port={} error={}", port_, error.message());
    nap_.expires_after(milliseconds(50));
    nap_.async_wait([this](beast::error_code stopped) {
      if (!stopped) accept();
    });
  }

  void stop() {
    shared_.stopping = true;
    beast::error_code ignored;
    acceptor_.close(ignored);
    nap_.cancel();
    for (Session* session : shared_.sessions) session->finish();
  }

  Shared shared_;
  tcp::acceptor acceptor_;
  asio::steady_timer nap_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const Settings& settings, Handler handler) {
  auto server = std::make_unique<BeastServer>(settings, std::move(handler));
  if (Status listening = server->listen(); !listening) return fail(std::move(listening.error()));
  return server;
}

}  // namespace backstitch
