// Mappings: from a sales line to a technical one (order-management 4.6), and from the working set to the body of a request
// and back. Pure: a body holds no wall time, call number or random value.
#pragma once
#include <boost/json/fwd.hpp>

#include "model/fulfilment.h"
#include "rules/condition.h"

namespace backstitch {

/// Runs the mappings of a relationship that fired; sets what they give in `target`. A mapping of an attribute that the source
/// or `destination` does not have is ignored, and `notices` says so once.
void apply_mappings(const DecompositionRule& rule, const Scene& scene, const Product& destination, Attributes& target,
                    std::vector<std::string>& notices);

/// A path of a request: $line.attribute.x, $line.field.x, $line.lineId|action|quantity|assetRef|scope, $order.accountId|…,
/// $order.field.x, $product.key|name|class, $item.key|plan|instance; anything else is a literal.
Value resolve(std::string_view path, const Scene& scene, const PlanItem& item);
/// Why a path of a request or of processAfter cannot be used; empty when it can.
std::string path_fault(std::string_view path);
/// The same for one of a response: target "$line.attribute.x", JSON path "$.a.b[0]".
std::string response_fault(std::string_view target, std::string_view json_path);

/// Canonical JSON (RFC 8785) of what the definition's `request` asks for. With more than one scene (an item that serves several
/// downstream items): the first one's members at top level, and "items" with one object for each, in order. No scene: the
/// paths of $line and $product give null.
std::string build_request(const ItemDefinition& definition, const PlanItem& item, const std::vector<Scene>& scenes);

/// What the definition's `response` reads from an answer: attribute and value; a member that is not there sets nothing.
std::vector<std::pair<std::string, Value>> apply_response(const ItemDefinition& definition, const boost::json::value& answer);

/// The interface a callout uses: the first route that holds, else the definition's own.
const std::string& choose_interface(const ItemDefinition& definition, const Scene& scene);

}  // namespace backstitch
