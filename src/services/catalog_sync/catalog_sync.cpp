#include "services/catalog_sync/catalog_sync.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

namespace backstitch {
namespace json = boost::json;
namespace {

struct Active {
  std::string text, source;
  std::int64_t index = 0;
};

Result<Active> active_of(const CatalogSyncSettings& settings) {
  auto text = settings.active();
  if (!text) return fail(std::move(text.error()));
  if (text->empty()) return Active();
  const auto document = parse_json(*text);
  if (!document) return fail(document.error());
  const json::object* object = document->if_object();
  const json::value* source = object ? object->if_contains("source") : nullptr;
  const json::value* index = object ? object->if_contains("index") : nullptr;
  return Active{std::move(*text), source && source->is_string() ? std::string(source->get_string()) : "",
                index && index->is_int64() ? index->get_int64() : 0};
}

}  // namespace

CatalogSync::CatalogSync(std::unique_ptr<crm::Crm> crm, CatalogSyncSettings settings)
    : crm_(std::move(crm)), reader_(crm::catalog_reader(*crm_)), settings_(std::move(settings)), thread_([this] { run(); }) {}

CatalogSync::~CatalogSync() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CatalogSync::run() {
  for (std::unique_lock lock(mutex_); !stop_;) {
    wake_.wait_for(lock, std::chrono::milliseconds(settings_.every_ms), [this] { return stop_; });
    if (stop_) return;
    lock.unlock();
    if (settings_.holds()) {
      const std::lock_guard at_work(at_work_);
      const auto looked = look(false, false, false);
      if (!looked) log_warn("catalog_sync", "error=\"{}\"", looked.error().text());
    }
    lock.lock();
  }
}

Result<json::object> CatalogSync::sync(bool full, bool dry_run) {
  const std::lock_guard at_work(at_work_);
  return look(full, dry_run, true);
}

json::object CatalogSync::state() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

Result<json::object> CatalogSync::look(bool full, bool dry_run, bool asked) {
  auto done = [&]() -> Result<json::object> {
    if (!reader_) return fail(Code::not_yet, "this CRM has no catalog for us");
    const auto active = active_of(settings_);
    if (!active) return fail(active.error());
    json::object out{{"index", active->index}, {"source", active->source}, {"kind", "none"}};
    const bool ours = active->source == crm_catalog_source;
    if (!ours && !active->text.empty() && !full) {
      out["why"] = "the active catalog came from elsewhere; catalog sync --full takes the CRM's in its place";
      return out;
    }
    std::string next;
    if (ours && !full) {
      const auto deltas = reader_->deltas_after(active->index);
      if (!deltas) return fail(deltas.error());
      if (deltas->empty()) return out;
      auto applied = apply_deltas(active->text, *deltas);
      if (applied) next = std::move(*applied), out["kind"] = "delta", out["deltas"] = deltas->size();
      if (!applied) out["why"] = applied.error().text() + ": everything is read";
    }
    if (next.empty()) {
      const auto content = reader_->read_catalog();
      if (!content) return fail(content.error());
      if (content->index == 0) return out["why"] = "nothing was ever published there", out;
      auto assembled = assemble_catalog(*content);
      if (!assembled) return fail(std::move(assembled.error()));
      if (*assembled == active->text) return out;
      next = std::move(*assembled), out["kind"] = "full", out["entities"] = content->entities.size();
    }
    const auto document = parse_json(next);
    out["newest"] = document->at("index");
    if (dry_run) return out;
    const auto digest = settings_.keep(next);
    if (!digest) return fail(digest.error());
    BS_TRY(settings_.activate(*digest));
    out["digest"] = *digest;
    log_info("catalog_sync", "kind={} index={} digest={}", std::string(out["kind"].as_string()), write_json(out["newest"]),
             *digest);
    return out;
  }();
  const std::lock_guard lock(mutex_);
  if (asked || !done || done->at("kind") != "none" || last_.empty()) {
    last_ = {{"at", rfc3339(wall_clock())}};
    if (done)
      last_["result"] = *done;
    else
      last_["error"] = json::object{{"code", code_text(done.error().code)}, {"detail", done.error().text()}};
  }
  return done;
}

}  // namespace backstitch
