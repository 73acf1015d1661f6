// Systems call back. Who knows the address may: it is the secret.
#include "api/routes/routes.h"

namespace backstitch {
namespace {

HttpResponse receive(Callbacks& callbacks, const RouteCall& call) {
  const auto received = callbacks.receive(call["token"], call.http.body);
  if (!received) return problem_response(received.error());
  return json_response(202, fmt::format(R"({{"status":"received","effectKey":"{}","repeats":"{}"}})", received->key,
                                        to_text(received->repetition)));
}

}  // namespace

void add_callback_routes(Router& router, Callbacks& callbacks) {
  router.add("POST", "/api/v1/callbacks/{token}", open_to_all, "How an asynchronous call ended, or an interim update of it",
             [&callbacks](const RouteCall& call) { return receive(callbacks, call); });
}

}  // namespace backstitch
