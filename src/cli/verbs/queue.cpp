// queue list|show|export: also with the platform down.
#include <boost/json.hpp>
#include <cstdio>

#include "base/json.h"
#include "cli/queue_source.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr int page_records = 500;
constexpr const char* down_notice = "the platform is down: read from the data folder";

Answer answer_of(const QueueSource& source, const char* schema, const value& data) {
  Answer answer{.schema = schema, .data = write_json(data)};
  if (!source.is_live()) answer.notices.emplace_back(down_notice);
  return answer;
}

Result<Answer> queue_list(const Invocation& invocation) {
  auto source = open_queue_source(invocation);
  if (!source) return fail(std::move(source.error()));
  const auto topics = (*source)->topics();
  if (!topics) return fail(topics.error());
  Answer answer = answer_of(**source, "queue.list/1", *topics);
  answer.text = table_of(
      items_of(*topics),
      {{"QUEUE", "name"}, {"DURABLE", "durable"}, {"RETENTION", "retention"}, {"RECORDS", "records"}, {"OLDEST", "oldest"}});
  return answer;
}

Result<Answer> show_records(const Invocation& invocation, QueueSource& source) {
  const int partition = std::atoi(invocation.option("--partition").c_str());
  const auto page = source.records(invocation.argument("QUEUE"), partition, invocation.option("--from", "1"), invocation.limit);
  if (!page) return fail(page.error());
  Answer answer = answer_of(source, "queue.records/1", *page);
  answer.text =
      table_of(items_of(*page),
               {{"OFFSET", "offset"}, {"APPENDED", "appendedAt"}, {"KEY", "key"}, {"SCHEMA", "schema"}, {"VALUE", "value"}});
  return answer;
}

Result<Answer> queue_show(const Invocation& invocation) {
  auto source = open_queue_source(invocation);
  if (!source) return fail(std::move(source.error()));
  if (invocation.has("--partition")) return show_records(invocation, **source);
  const auto topic = (*source)->topic(invocation.argument("QUEUE"));
  if (!topic) return fail(topic.error());
  Answer answer = answer_of(**source, "queue.show/1", *topic);
  answer.text = describe(topic->as_object());
  return answer;
}

/// Where exported lines go: a file, or standard output.
class Sink {
 public:
  static Result<std::unique_ptr<Sink>> open(const std::string& path) {
    auto sink = std::make_unique<Sink>();
    if (path.empty()) return sink;
    sink->file_ = std::fopen(path.c_str(), "w");
    if (!sink->file_) return fail(Code::file_failed, "{} cannot be written", path);
    return sink;
  }
  ~Sink() {
    if (file_) std::fclose(file_);
  }
  void write(const std::string& line) {
    failed_ = std::fwrite(line.data(), 1, line.size(), file_ ? file_ : stdout) != line.size() || failed_;
    ++lines_;
  }
  Status close() {
    const bool flushed = std::fflush(file_ ? file_ : stdout) == 0;
    if (failed_ || !flushed) return fail(Code::file_failed, "the export could not be written whole");
    return {};
  }
  std::uint64_t lines() const { return lines_; }

 private:
  std::FILE* file_ = nullptr;
  bool failed_ = false;
  std::uint64_t lines_ = 0;
};

struct Exported {
  array partitions;
  Status write_partition(QueueSource& source, Sink& sink, const std::string& queue, const value& ends, const std::string& from) {
    const int partition = static_cast<int>(ends.at("partition").to_number<std::int64_t>());
    const std::uint64_t end = std::strtoull(text_of(ends, "end").c_str(), nullptr, 10);
    std::string next = from.empty() ? text_of(ends, "begin") : from;
    const std::string first = next;
    const std::uint64_t lines_before = sink.lines();
    // up to the end that was noted: what is appended while we read belongs to the next export
    while (std::strtoull(next.c_str(), nullptr, 10) < end) {
      const auto page = source.records(queue, partition, next, page_records);
      if (!page) return fail(page.error());
      if (items_of(*page).empty()) break;
      for (const value& record : items_of(*page))
        if (std::strtoull(text_of(record, "offset").c_str(), nullptr, 10) < end) sink.write(write_json(record) + "\n");
      next = text_of(*page, "next");
    }
    partitions.push_back(
        object{{"partition", partition}, {"from", first}, {"to", std::to_string(end)}, {"records", sink.lines() - lines_before}});
    return {};
  }
};

Result<Answer> queue_export(const Invocation& invocation) {
  const std::string queue = invocation.argument("QUEUE"), path = invocation.option("--output"),
                    only = invocation.option("--partition");
  if (invocation.json && path.empty()) return fail(Code::usage, "with --json the records go to a file: --output FILE");
  auto source = open_queue_source(invocation);
  if (!source) return fail(std::move(source.error()));
  const auto topic = (*source)->topic(queue);
  if (!topic) return fail(topic.error());
  auto sink = Sink::open(path);
  if (!sink) return fail(std::move(sink.error()));
  Exported exported;
  for (const value& ends : topic->at("partitions").as_array())
    if (only.empty() || text_of(ends, "partition") == only)
      BS_TRY(exported.write_partition(**source, **sink, queue, ends, invocation.option("--from")));
  BS_TRY((*sink)->close());
  if (exported.partitions.empty()) return fail(Code::partition_unknown, "{} of {}", only, queue);
  Answer answer = answer_of(**source, "queue.export/1",
                            object{{"queue", queue},
                                   {"records", (*sink)->lines()},
                                   {"file", path.empty() ? value(nullptr) : value(path)},
                                   {"partitions", exported.partitions}});
  answer.streamed = path.empty();
  answer.text = fmt::format("{} records of {} in {}\n", (*sink)->lines(), queue, path);
  if (path.empty()) answer.notices.push_back(fmt::format("{} records of {}", (*sink)->lines(), queue));
  return answer;
}

}  // namespace

std::vector<Verb> queue_verbs() {
  const Argument queue{"QUEUE", "incoming, completer, schedule, order_orderitems, tasks.<lane>"};
  return {
      {"queue",
       "list",
       "all queues",
       {},
       {},
       {"queue list", "queue list --json", "--data /srv/backstitch queue list"},
       queue_list},
      {"queue",
       "show",
       "one queue with its partitions, or records of a partition",
       {queue},
       {{"--partition", "N", "its records"}, {"--from", "OFFSET", "from this offset on (default 1)"}},
       {"queue show incoming", "queue show completer --partition 7 --from 1200 --limit 10", "queue show incoming --json"},
       queue_show},
      {"queue",
       "export",
       "records, a JSON object a line, up to the end as it is now",
       {queue},
       {{"--output", "FILE", "in place of standard output"},
        {"--partition", "N", "of this partition alone"},
        {"--from", "OFFSET", "from this offset on"}},
       {"queue export order_orderitems >changes.jsonl", "queue export incoming --output incoming.jsonl --json",
        "queue export completer --partition 7 --from 1200"},
       queue_export},
  };
}

}  // namespace backstitch::cli
