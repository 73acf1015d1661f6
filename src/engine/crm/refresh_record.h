// What the CRM says of one record of its own becomes what we hold of it; what it holds of ours in another way is said again.
#pragma once
#include <boost/json/fwd.hpp>

#include "engine/engine.h"

namespace backstitch {

inline constexpr const char* crm_refresh_schema = "incoming.crm-refresh/1";

/// A field of ours that the CRM was found to hold otherwise. Texts, as a person reads them.
struct CrmDifference {
  std::string ours, field, held, found;  // ours: "state", "quantity" …; field: its name there
};
/// What a record of incoming says: {"commandId","actor","refresh","accountId","type":"Order|OrderItem|Asset","externalId",
/// "orderId","lineId","assetRef","modifiedAt","fields":{…theirs},"differences":[{"ours","field","held","found"}]}.
struct CrmReading {
  CommandId id;
  std::string actor, account_id, type, external_id;
  OrderId order;  // of an asset: that changed it last, when the CRM was read
  std::string line_id, asset_ref;
  Time modified_at;   // there
  Attributes fields;  // theirs
  std::vector<CrmDifference> differences;
};
/// Code::json_invalid.
Result<CrmReading> read_crm_refresh(const InputRecord& record);

/// The fold has loaded its order, and of an asset the account. Applied; "duplicate" when a later reading of the record was
/// decided before, or when the asset has been changed, and told of, since; refused when there is no such thing here.
void refresh_record(Desk& desk);

}  // namespace backstitch
