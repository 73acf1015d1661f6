#include "standins/org/bulk.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "standins/common/fields.h"
#include "standins/common/routes.h"
#include "standins/org/ids.h"

namespace backstitch::standin {
namespace json = boost::json;

std::vector<std::vector<std::string>> read_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row{""};
  bool quoted = false, begun = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      row.back() += '"', ++i;
    } else if (c == '"') {
      quoted = !quoted, begun = true;
    } else if (!quoted && c == ',') {
      row.emplace_back(), begun = true;
    } else if (!quoted && c == '\n') {
      if (row.back().ends_with('\r')) row.back().pop_back();
      if (begun) rows.push_back(std::move(row));
      row = {""}, begun = false;
    } else {
      row.back() += c, begun = true;
    }
  }
  if (begun) rows.push_back(std::move(row));
  return rows;
}

std::string write_csv(const std::vector<std::vector<std::string>>& rows) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i ? ",\"" : "\"";
      for (const char c : row[i]) out += c == '"' ? "\"\"" : std::string(1, c);
      out += '"';
    }
    out += '\n';
  }
  return out;
}

json::object Bulk::info(const Job& job, const std::string& service) const {
  return {{"id", job.id},
          {"object", job.object},
          {"operation", job.operation},
          {"state", job.state},
          {"externalIdFieldName", job.external_field},
          {"contentUrl", service.substr(1) + "/jobs/ingest/" + job.id + "/batches"},
          {"numberRecordsProcessed", job.good.size() + job.bad.size()},
          {"numberRecordsFailed", job.bad.size()}};
}

ApiResult<HttpResponse> Bulk::open(const std::string& service, const std::string& body) {
  const auto document = parse_json(body);
  if (!document || !document->is_object()) return refuse(400, "JSON_PARSER_ERROR", "Unexpected character");
  const json::object& wanted = document->get_object();
  Job job{.object = text_of(wanted, "object"),
          .operation = text_of(wanted, "operation"),
          .external_field = text_of(wanted, "externalIdFieldName")};
  if (!object_type(job.object)) return refuse(400, "INVALIDENTITY", "Object " + job.object + " is not supported");
  job.id = derive_id("750", std::to_string(++made_));
  const HttpResponse answer = json_answer(200, info(job, service));
  jobs_[job.id] = std::move(job);
  return answer;
}

ApiResult<Written> Bulk::work_row(const Job& job, json::object record) {
  const std::string id = text_of(record, "Id");
  record.erase("Id");
  if (job.operation == "insert") return objects_.create(job.object, std::move(record));
  if (job.operation == "update") return objects_.update(job.object, id, std::move(record));
  if (job.operation == "delete" || job.operation == "hardDelete") return objects_.remove(job.object, id);
  const std::string name = text_of(record, job.external_field);
  return objects_.upsert(job.object, job.external_field, name, std::move(record));
}

void Bulk::work(Job& job) {
  auto rows = read_csv(job.data);
  if (!rows.empty()) job.head = rows.front(), rows.erase(rows.begin());
  for (const Row& row : rows) {
    json::object record;
    for (std::size_t i = 0; i < row.size() && i < job.head.size(); ++i)
      if (!row[i].empty()) record[job.head[i]] = row[i] == "#N/A" ? json::value(nullptr) : json::value(row[i]);
    const auto written = work_row(job, std::move(record));
    Row told{written ? written->id : "", ""};
    if (written)
      told[1] = written->created ? "true" : "false";
    else
      told[1] = written.error().code + ":" + written.error().message + ":--";
    told.insert(told.end(), row.begin(), row.end());
    (written ? job.good : job.bad).push_back(std::move(told));
  }
  job.state = "JobComplete";
}

ApiResult<HttpResponse> Bulk::handle(const std::string& method, const std::string& service, const std::vector<std::string>& path,
                                     const std::string& body) {
  if (path.empty()) return method == "POST" ? open(service, body) : ApiResult<HttpResponse>(not_found());
  const auto found = jobs_.find(path[0]);
  if (found == jobs_.end()) return not_found();
  Job& job = found->second;
  const std::string part = path.size() > 1 ? path[1] : "";
  const auto csv = [&](const char* second, const std::vector<Row>& rows) {
    std::vector<Row> all{{"sf__Id", second}};
    all.front().insert(all.front().end(), job.head.begin(), job.head.end());
    all.insert(all.end(), rows.begin(), rows.end());
    return HttpResponse{.body = write_csv(all), .content_type = "text/csv"};
  };
  if (part == "batches") {
    if (job.state != "Open") return refuse(400, "INVALIDJOBSTATE", "the job is not open");
    job.data = body;
    return HttpResponse{.status = 201};
  }
  if (part == "successfulResults") return csv("sf__Created", job.good);
  if (part == "failedResults") return csv("sf__Error", job.bad);
  if (part == "unprocessedrecords") return HttpResponse{.body = write_csv({job.head}), .content_type = "text/csv"};
  if (method == "DELETE") {
    jobs_.erase(found);
    return HttpResponse{.status = 204};
  }
  if (method == "PATCH") {
    const auto document = parse_json(body);
    if (!document || !document->is_object()) return refuse(400, "JSON_PARSER_ERROR", "Unexpected character");
    job.state = text_of(document->get_object(), "state");
  } else if (job.state == "UploadComplete") {
    job.state = "InProgress";
  } else if (job.state == "InProgress") {
    work(job);
  }
  return json_answer(200, info(job, service));
}

}  // namespace backstitch::standin
