// Assets of the window, K1 … K7: the exported changes and the CRM against what the replay brought back.
#include <set>

#include "recovery/window/window.h"

namespace backstitch::recovery {
namespace {

using Assets = std::map<std::string, WindowAsset>;

const WindowAsset* find(const Assets& assets, const std::string& reference) {
  const auto found = assets.find(reference);
  return found == assets.end() ? nullptr : &found->second;
}

bool ended(const WindowAsset& asset) { return asset.state == "Ended"; }

/// What has ended keeps no attributes that count.
bool same(const WindowAsset& left, const WindowAsset& right) {
  return left.state == right.state && (ended(left) || left.attributes == right.attributes);
}

class Case {
 public:
  Case(const WindowInput& input, const std::string& reference)
      : input_(input),
        reference_(reference),
        crm_(input.crm_known ? find(input.crm_assets, reference) : nullptr),
        database_(find(input.database_assets, reference)),
        inventory_(find(input.inventory, reference)),
        exported_(find(input.exported, reference)) {}

  WindowClass judge() const {
    // The queue said it last, unless the CRM was changed behind our last word.
    const bool crm_in_window = crm_ && input_.holds(crm_->changed_at);
    const bool crm_is_later = crm_in_window && (!exported_ || crm_->changed_at > exported_->changed_at);
    const WindowAsset* told = crm_is_later ? crm_ : exported_ ? exported_ : crm_in_window ? crm_ : nullptr;
    if (!told) return untouched();
    if (exported_ && input_.crm_known && !crm_is_later && (!crm_ || !same(*crm_, *exported_))) return undelivered();
    const bool created = told->created || (exported_ && exported_->created);
    if (!database_) return gone(*told);
    if (ended(*told)) return after_end();
    return after_change(*told, created ? "K1" : "K2");
  }

 private:
  WindowClass is(const char* kind, bool settled, std::string why) const {
    return {kind, reference_, std::move(why), std::string(default_handling(kind)), settled};
  }

  WindowClass undelivered() const {
    const bool same_here = database_ && same(*database_, *exported_);
    return is("K7", same_here,
              fmt::format("the export says {}, the CRM {}, the database {}", exported_->state, crm_ ? crm_->state : "nothing",
                          !database_  ? "nothing"
                          : same_here ? "the same as the export"
                                      : "something else"));
  }

  WindowClass gone(const WindowAsset& told) const {
    if (ended(told))
      return is("K3", !inventory_ || ended(*inventory_), "it ended in the window, and the database does not hold it");
    if (const auto excluded = input_.excluded.find(told.order); excluded != input_.excluded.end()) {
      WindowClass out =
          is("K1", false, fmt::format("its order {} is left out ({}): the asset is an orphan", told.order, excluded->second));
      out.handling = "end the asset in the CRM, or submit the order again";
      return out;
    }
    return is(told.created ? "K1" : "K2", false,
              fmt::format("order {} brought it, and the database does not hold it", told.order));
  }

  WindowClass after_end() const {
    if (!ended(*database_)) return is("K3", false, "it ended in the window, and the database says it is active");
    if (inventory_ && !ended(*inventory_)) return is("K3", false, "it ended in the window, and its inventory item is active");
    return is("K3", true, "it ended in the window, and the replay ended it");
  }

  WindowClass after_change(const WindowAsset& told, const char* kind) const {
    if (!same(*database_, told))
      return is(kind, false,
                fmt::format("told {} {}, and the database says {} {}", told.state, told.attributes, database_->state,
                            database_->attributes));
    if (inventory_ && ended(*inventory_)) return is(kind, false, "it is active, and its inventory item has ended");
    return is(kind, true, "the replay brought it back as it was told");
  }

  WindowClass untouched() const {
    if (inventory_ && !crm_ && !database_) return is("K4", false, "an inventory item names it, and no source knows it");
    if (crm_ && database_ && !same(*crm_, *database_))
      return is("K2", false,
                fmt::format("the CRM says {}, the database {}, and nothing tells of a change", crm_->state, database_->state));
    if (crm_ && !database_) return is("K2", false, "the CRM holds it since before the window, and the database does not");
    if (!inventory_) return is("K5", true, "older than the window, and without an inventory item");
    return is("K6", true, "the same on all sides");
  }

  const WindowInput& input_;
  const std::string& reference_;
  const WindowAsset *crm_, *database_, *inventory_, *exported_;
};

}  // namespace

std::vector<WindowClass> classify_assets(const WindowInput& input) {
  std::set<std::string> references;
  for (const Assets* assets : {&input.database_assets, &input.inventory, &input.exported})
    for (const auto& [reference, asset] : *assets) references.insert(reference);
  if (input.crm_known)
    for (const auto& [reference, asset] : input.crm_assets) references.insert(reference);
  std::vector<WindowClass> classes;
  for (const std::string& reference : references) classes.push_back(Case(input, reference).judge());
  return classes;
}

std::string_view default_handling(std::string_view kind) {
  static const std::map<std::string_view, std::string_view> handlings{
      {"L1", "replayed from the archive; if something of it is known outside and not here, a person looks"},
      {"L2", "a person checks it, then the CRM submits it again"},
      {"L3", "recorded results are taken over; what is missing becomes Fatally Failed, with an owner"},
      {"L4", "a person completes what is left without a call, or runs again what is idempotent"},
      {"L5", "the supplement is replayed; else it is rejected and the original order goes on"},
      {"L6", "as a supplement; never may both versions run"},
      {"L7", "cancelled again; what was compensated already is not compensated twice"},
      {"L8", "nothing: it goes when intake opens"},
      {"L9", "nothing"},
      {"L10", "a fault older than the window: a person looks, nothing is done by itself"},
      {"K1", "the inventory item is made again from the exported change, linked by the asset's reference"},
      {"K2", "the exported change is applied, or the asset is put back; a person chooses"},
      {"K3", "the inventory item is ended"},
      {"K4", "looked up by its reference; else a person links or ends it"},
      {"K5", "nothing: an order without an assetize task leaves none"},
      {"K6", "nothing"},
      {"K7", "delivered again with the net state after resume, or dropped with its order"}};
  const auto found = handlings.find(kind);
  return found == handlings.end() ? std::string_view() : found->second;
}

}  // namespace backstitch::recovery
