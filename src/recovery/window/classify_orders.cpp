// Orders of the window, L1 … L10: what the CRM, the archive, the restored rows and the replayed rows say of one order.
#include <set>

#include "model/states.h"
#include "recovery/window/window.h"

namespace backstitch::recovery {
namespace {

using Orders = std::map<std::string, WindowOrder>;

const WindowOrder* find(const Orders& orders, const std::string& name) {
  const auto found = orders.find(name);
  return found == orders.end() ? nullptr : &found->second;
}

/// How far an order is: received, under way, ended. Two states of one rank may differ in a detail, or exclude each other (ended).
int rank_of(const std::string& state) {
  const auto known = order_state_from(state);
  if (!known) return 0;
  switch (*known) {
    case OrderState::draft:
    case OrderState::queued:
    case OrderState::submitted:
    case OrderState::decomposed:
    case OrderState::submitted_for_fulfillment: return 1;
    case OrderState::in_progress:
    case OrderState::freezing:
    case OrderState::frozen:
    case OrderState::failed: return 2;
    case OrderState::activated:
    case OrderState::superseded:
    case OrderState::rejected:
    case OrderState::cancelled: return 3;
  }
  return 0;
}

/// The rows say what the CRM says, or more.
bool agrees(const WindowOrder& database, const WindowOrder& crm) {
  const int here = rank_of(database.state), there = rank_of(crm.state);
  return database.state == crm.state || here > there || (here == there && here < 3);
}

/// One order, seen from all sides.
class Case {
 public:
  Case(const WindowInput& input, const std::string& name)
      : input_(input),
        name_(name),
        crm_(input.crm_known ? find(input.crm, name) : nullptr),
        database_(find(input.database, name)),
        archive_(find(input.archive, name)),
        restored_(find(input.database_at_since, name)) {}

  WindowClass judge() const {
    if (const auto excluded = input_.excluded.find(name_); excluded != input_.excluded.end()) return left_out(excluded->second);
    if (!crm_) return unknown_to_crm();
    if (crm_->state == "Queued") return queued();
    return database_ ? on_both_sides() : not_in_database();
  }

 private:
  WindowClass is(const char* kind, bool settled, std::string why) const {
    return {kind, name_, std::move(why), std::string(default_handling(kind)), settled};
  }
  std::string states() const {
    return fmt::format("the CRM says {}, the database {}", crm_ ? crm_->state : "nothing",
                       database_ ? database_->state : "nothing");
  }
  bool was_absent() const { return input_.at_since_known ? !restored_ : archive_ != nullptr; }

  WindowClass left_out(const std::string& why) const {
    const bool told_more = crm_ && rank_of(crm_->state) > 1;
    WindowClass out = is("L1", !told_more, fmt::format("left out: {}", why));
    out.handling = "its submitter is told, and submits it again when its content is right";
    if (told_more) out.why += fmt::format("; the CRM says {} of an order that is no more", crm_->state);
    return out;
  }

  WindowClass unknown_to_crm() const {
    const char* told = input_.crm_known ? "the CRM does not list it" : "the CRM could not be asked";
    if (archive_ && database_) return is("L1", true, fmt::format("received and replayed to {}; {}", database_->state, told));
    if (archive_) return is("L1", false, fmt::format("received, and the replay did not bring it; {}", told));
    const WindowOrder* here = database_ ? database_ : restored_;
    if (!database_)
      return is("L10", false, fmt::format("it was {} when restored, and is not there after the replay", here->state));
    if (input_.crm_known && (input_.holds(database_->changed_at) || input_.holds(database_->submitted_at)))
      return is("L10", false,
                fmt::format("the database says {}, and neither the CRM nor the archive knows it", database_->state));
    return is("L9", true, "not changed in the window");
  }

  WindowClass queued() const {
    if (database_)
      return is("L1", true, fmt::format("its acknowledgement got lost; it was received and is {}", database_->state));
    if (archive_) return is("L1", false, "its acknowledgement got lost; it was received, and the replay did not bring it");
    return is("L8", true, "it waits in the CRM and was never received");
  }

  WindowClass not_in_database() const {
    if (archive_) return is("L1", false, fmt::format("the CRM says {}; received, and the replay did not bring it", crm_->state));
    if (crm_->state == "Rejected") return is("L9", true, "it was refused at the door");
    const bool in_window = input_.holds(crm_->submitted_at);
    return is("L2", false,
              fmt::format("the CRM says {}; {}, and no archived record holds it", crm_->state,
                          in_window ? "it was submitted in the window" : "when it was submitted is not in the window"));
  }

  WindowClass on_both_sides() const {
    if (crm_->state == "Frozen" || crm_->state == "Freezing") return moved("L5", database_->state == crm_->state);
    if (crm_->state == "Superseded") return moved("L6", database_->state == crm_->state);
    if (crm_->state == "Cancelled") return moved("L7", database_->state == crm_->state);
    if (crm_->state == "Activated" && database_->state != "Activated") return is("L4", false, states());
    if (was_absent()) return is(agrees(*database_, *crm_) ? "L1" : "L3", agrees(*database_, *crm_), states());
    if (crm_->state == "Activated") return moved("L4", true);
    return moved("L3", agrees(*database_, *crm_));
  }

  /// A state that the CRM was told in the window, or that does not agree; else nothing happened.
  WindowClass moved(const char* kind, bool settled) const {
    const bool same_as_restored =
        input_.at_since_known && restored_ && restored_->state == crm_->state && rank_of(crm_->state) == 3;
    if (settled && (!input_.holds(crm_->changed_at) || same_as_restored)) return is("L9", true, "not changed in the window");
    return is(kind, settled, states());
  }

  const WindowInput& input_;
  const std::string& name_;
  const WindowOrder *crm_, *database_, *archive_, *restored_;
};

}  // namespace

std::vector<WindowClass> classify_orders(const WindowInput& input) {
  std::set<std::string> names;
  for (const Orders* orders : {&input.database, &input.archive, &input.database_at_since})
    for (const auto& [name, order] : *orders) names.insert(name);
  if (input.crm_known)
    for (const auto& [name, order] : input.crm) names.insert(name);
  for (const auto& [name, why] : input.excluded) names.insert(name);
  std::vector<WindowClass> classes;
  for (const std::string& name : names) classes.push_back(Case(input, name).judge());
  return classes;
}

}  // namespace backstitch::recovery
