#include "stores/cache/redis/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "stores/cache/redis/redis_cache.h"

namespace backstitch::cache {
namespace {

std::string last_words() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* const words = error != 0 ? ERR_reason_error_string(error) : nullptr;
  return words != nullptr ? words : "TLS failed";
}

tl::unexpected<Error> unusable(const std::string& file) { return fail(Code::config_invalid, "{}: {}", file, last_words()); }

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const RedisSettings& settings) {
  auto out = std::make_shared<TlsContext>();
  out->context_ = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX* const context = out->context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const std::string &ca = settings.ca_file, &certificate = settings.certificate_file, &key = settings.key_file;
  const bool trusts = ca.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                 : SSL_CTX_load_verify_locations(context, ca.c_str(), nullptr) == 1;
  if (!trusts) return unusable(ca.empty() ? "the system's certificates" : ca);
  if (!certificate.empty() && SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) return unusable(certificate);
  if (!key.empty() && SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) return unusable(key);
  return out;
}

TlsStream::TlsStream(ssl_st* session) : session_(session, SSL_free) {
  SSL_set_bio(session, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
}

/// Repeats a step of OpenSSL until it has what it needs, carrying bytes between its memory and the socket.
template <class Step>
Result<int> TlsStream::drive(Socket& socket, Deadline deadline, Step step) {
  SSL* const session = session_.get();
  for (;;) {
    const int done = step(session);
    const int wants = SSL_get_error(session, done);
    char* outgoing = nullptr;
    if (const long size = BIO_get_mem_data(SSL_get_wbio(session), &outgoing); size > 0) {
      BS_TRY(socket.send({outgoing, static_cast<std::size_t>(size)}, deadline));
      static_cast<void>(BIO_reset(SSL_get_wbio(session)));
    }
    if (done > 0) return done;
    if (wants != SSL_ERROR_WANT_READ) {
      const long verdict = SSL_get_verify_result(session);
      if (verdict != X509_V_OK)
        return fail(Code::config_invalid, "the server's certificate: {}", X509_verify_cert_error_string(verdict));
      return fail(Code::unreachable, "{}", wants == SSL_ERROR_ZERO_RETURN ? "the connection was closed" : last_words());
    }
    const auto bytes = socket.receive(deadline);
    if (!bytes) return fail(bytes.error());
    BIO_write(SSL_get_rbio(session), bytes->data(), static_cast<int>(bytes->size()));
  }
}

Result<TlsStream> TlsStream::open(const TlsContext& context, Socket& socket, const std::string& host, Deadline deadline) {
  TlsStream stream(SSL_new(context.get()));
  SSL* const session = stream.session_.get();
  SSL_set_connect_state(session);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) != 1) {
    SSL_set1_host(session, host.c_str());
    SSL_set_tlsext_host_name(session, host.c_str());
  }
  ERR_clear_error();
  auto shaken = stream.drive(socket, deadline, SSL_do_handshake);
  if (!shaken) return fail(std::move(shaken.error()));
  return stream;
}

Status TlsStream::send(Socket& socket, std::string_view bytes, Deadline deadline) {
  const int size = static_cast<int>(bytes.size());
  auto sent = drive(socket, deadline, [&](SSL* session) { return SSL_write(session, bytes.data(), size); });
  return sent ? Status() : fail(std::move(sent.error()));
}

Result<std::string> TlsStream::receive(Socket& socket, Deadline deadline) {
  std::string bytes(16 << 10, '\0');
  const int size = static_cast<int>(bytes.size());
  auto count = drive(socket, deadline, [&](SSL* session) { return SSL_read(session, bytes.data(), size); });
  if (!count) return fail(std::move(count.error()));
  bytes.resize(static_cast<std::size_t>(*count));
  return bytes;
}

}  // namespace backstitch::cache
