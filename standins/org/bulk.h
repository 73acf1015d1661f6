// Bulk API 2.0, ingest: a job takes one CSV, works on it once it is closed, and tells which rows went well and which did not.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "standins/org/objects.h"

namespace backstitch::standin {

class Bulk {
 public:
  explicit Bulk(Objects& objects) : objects_(objects) {}
  /// `path`: behind jobs/ingest.
  ApiResult<HttpResponse> handle(const std::string& method, const std::string& service, const std::vector<std::string>& path,
                                 const std::string& body);

 private:
  using Row = std::vector<std::string>;
  struct Job {
    std::string id, object, operation, external_field, state = "Open", data;
    Row head;
    std::vector<Row> good, bad;
  };
  ApiResult<HttpResponse> open(const std::string& service, const std::string& body);
  boost::json::object info(const Job& job, const std::string& service) const;
  void work(Job& job);
  ApiResult<Written> work_row(const Job& job, boost::json::object record);

  Objects& objects_;
  std::map<std::string, Job> jobs_;
  std::uint64_t made_ = 0;
};

/// Rows of cells; quotes may hold commas, line breaks and doubled quotes.
std::vector<std::vector<std::string>> read_csv(std::string_view text);
std::string write_csv(const std::vector<std::vector<std::string>>& rows);

}  // namespace backstitch::standin
