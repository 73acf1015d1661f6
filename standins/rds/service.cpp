#include "standins/rds/service.h"

#include <algorithm>

#include "base/json.h"
#include "base/net/http_target.h"
#include "standins/rds/words.h"

namespace backstitch::standin {
namespace json = boost::json;
using namespace rds;

RdsService::RdsService(RdsSettings settings, RdsModel model, RdsGround& ground)
    : settings_(std::move(settings)), model_(std::move(model)), ground_(ground) {
  if (settings_.instance.empty()) return;
  Instance& instance = instances_[settings_.instance];
  instance.shown = first(settings_.instance, settings_.endpoint);
  // What somebody has set up, and what a restore does not bring along by itself.
  instance.shown["VpcSecurityGroups"] = groups({"sg-0a1b2c3d", "sg-4e5f6a7b"});
  instance.shown["DBParameterGroups"] = parameters("orders-postgres15", "in-sync");
  instance.shown["DBSubnetGroup"] = json::object{{"DBSubnetGroupName", "orders-subnets"}, {"VpcId", "vpc-11111111"}};
}

RdsService::~RdsService() {
  for (std::thread& one : waiting_) one.join();
}

RdsService::Object RdsService::first(const std::string& id, const RdsGround::Endpoint& endpoint) const {
  Object shown{{"DBInstanceIdentifier", id},
               {"DBInstanceClass", "db.t3.small"},
               {"Engine", "postgres"},
               {"EngineVersion", "15.8"},
               {"DBInstanceStatus", "available"},
               {"MasterUsername", "admin"},
               {"AllocatedStorage", 20},
               {"BackupRetentionPeriod", 7},
               {"MultiAZ", false},
               {"PubliclyAccessible", false},
               {"DeletionProtection", false},
               {"DBInstanceArn", fmt::format("arn:aws:rds:{}:123456789012:db:{}", settings_.keys.region, id)},
               {"TagList", json::array()}};
  shown["VpcSecurityGroups"] = groups({"sg-default"});
  shown["DBParameterGroups"] = parameters("default.postgres15", "in-sync");
  shown["DBSubnetGroup"] = json::object{{"DBSubnetGroupName", "default"}, {"VpcId", "vpc-11111111"}};
  if (endpoint.port) shown["Endpoint"] = json::object{{"Address", endpoint.address}, {"Port", endpoint.port}};
  return shown;
}

HttpResponse RdsService::refuse(const RdsFault& fault) {
  HttpResponse response;
  response.status = fault.status, response.content_type = "text/xml";
  response.body = fmt::format(
      "<ErrorResponse "
      "xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message>"
      "</Error><RequestId>request-{}</RequestId></ErrorResponse>",
      fault.status < 500 ? "Sender" : "Receiver", fault.code, xml_escaped(fault.message), requests_);
  return response;
}

HttpResponse RdsService::handle(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.path == "/faults") return faults(request);
  ++requests_;
  return call(request);
}

HttpResponse RdsService::faults(const HttpRequest& request) {
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) return problem_response({Code::json_invalid, "faults are an object", {}});
  for (const auto& [name, value] : body->get_object()) (name == "throttle" ? throttle_ : away_) = value.to_number<std::int64_t>();
  return {200, "{}"};
}

HttpResponse RdsService::call(const HttpRequest& request) {
  if (away_ > 0 && away_--) return refuse({"ServiceUnavailable", "Service is unable to handle request.", 503});
  if (request.method != "POST" || request.path != "/") return refuse({"InvalidAction", "POST / is wanted", 400});
  if (const auto wrong = wrong_signature(request, settings_.keys, wall_clock())) return refuse(*wrong);
  if (throttle_ > 0 && throttle_--) return refuse({"Throttling", "Rate exceeded", 400});
  HttpTarget target;
  if (!parse_target("/?" + request.body, target)) return refuse({"MalformedQueryString", "the body is no form", 400});
  std::string action, version;
  Parameters rest;
  for (auto& [name, value] : target.query)
    if (name == "Action")
      action = value;
    else if (name == "Version")
      version = value;
    else
      rest.emplace_back(name, value);
  if (action.empty()) return refuse({"MissingAction", "The request must contain the parameter Action", 400});
  if (version != model_.version() || !model_.knows(action))
    return refuse({"InvalidAction", "Could not find operation " + action + " for version " + version, 400});
  const auto input = model_.input(action, rest);
  if (!input) return refuse(input.error());
  const auto answer = act(action, *input);
  if (!answer) return refuse(answer.error());
  HttpResponse response;
  response.content_type = "text/xml";
  response.body = model_.output(action, *answer, fmt::format("request-{}", requests_));
  return response;
}

RdsService::Answer RdsService::act(const std::string& action, const Object& input) {
  if (action == "DescribeDBInstances") return describe_instances(input);
  if (action == "DescribeDBSnapshots") return describe_snapshots(input);
  if (action == "DescribeDBInstanceAutomatedBackups") return describe_backups(input);
  if (action == "CreateDBSnapshot") return snapshot(input);
  if (action == "RestoreDBInstanceToPointInTime") return restore(input);
  if (action == "ModifyDBInstance") return modify(input);
  if (action == "RebootDBInstance") return reboot(input);
  return remove(input);
}

RdsService::Instance* RdsService::find(const std::string& id) {
  const auto found = instances_.find(lower(id));
  if (found == instances_.end()) return nullptr;
  settle(found->second, wall_clock());
  if (!found->second.gone) return &found->second;
  instances_.erase(found);
  return nullptr;
}

/// Until now it was available, and all was as before.
void RdsService::begin_change(Instance& instance) {
  instance.busy_until = std::exchange(instance.begins_at, Time()).plus_ms(change_ms);
  for (auto& [name, value] : std::exchange(instance.wanted, {})) instance.shown[name] = std::move(value);
  if (!instance.wanted_group.empty()) instance.shown["DBParameterGroups"] = parameters(instance.wanted_group, "pending-reboot");
  instance.shown.erase("PendingModifiedValues");
  instance.shown["DBInstanceStatus"] = "modifying";
}

/// What was under way has come to its end.
void RdsService::settle(Instance& instance, Time now) {
  if (instance.begins_at.is_set() && now >= instance.begins_at) begin_change(instance);
  if (instance.starting || !instance.busy_until.is_set() || now < instance.busy_until) return;
  instance.busy_until = Time();
  if (text_of(instance.shown, "DBInstanceStatus") == "deleting") {
    instance.gone = true;
    return;
  }
  if (text_of(instance.shown, "DBInstanceStatus") == "rebooting" && !instance.wanted_group.empty())
    instance.shown["DBParameterGroups"] = parameters(std::exchange(instance.wanted_group, {}), "in-sync");
  instance.shown["DBInstanceStatus"] = "available";
}

RdsService::Object RdsService::shown(Instance& instance, bool with_latest) {
  Object out = instance.shown;
  if (!with_latest || text_of(out, "DBInstanceStatus") != "available") return out;
  if (const auto latest = ground_.latest(text_of(out, "DBInstanceIdentifier")); latest && latest->is_set())
    out["LatestRestorableTime"] = rfc3339(*latest);
  return out;
}

RdsService::Answer RdsService::describe_instances(const Object& input) {
  const std::string id = text_of(input, "DBInstanceIdentifier");
  json::array list;
  if (!id.empty()) {
    Instance* instance = find(id);
    if (!instance)
      return tl::unexpected(model_.fault("DescribeDBInstances", "DBInstanceNotFoundFault", "DBInstance " + id + " not found."));
    list.push_back(shown(*instance, true));
  } else {
    std::vector<std::string> names;
    for (const auto& [name, instance] : instances_) names.push_back(name);
    for (const std::string& name : names)
      if (Instance* instance = find(name)) list.push_back(shown(*instance, false));
  }
  return Object{{"DBInstances", std::move(list)}};
}

}  // namespace backstitch::standin
