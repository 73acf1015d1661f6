// Records a second that the embedded log takes, each batch synced, and the CPU they cost.
//
//   queue_bench [FOLDER] [THREADS] [BATCH] [SECONDS] [VALUE_BYTES] [claim|plain]
#include <fmt/core.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "stores/queue/embedded/embedded_queue.h"

namespace {

using namespace backstitch;
using namespace backstitch::queue;
using Clock = std::chrono::steady_clock;

struct Plan {
  std::string folder;
  int threads = 4, batch = 32, seconds = 5, value_bytes = 500;
  bool claims = true;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::vector<Append> batch_of(const Plan& plan, int thread, std::uint64_t number) {
  std::vector<Append> batch;
  for (int i = 0; i < plan.batch; ++i) {
    const auto name = fmt::format("{}-{}-{}", thread, number, i);
    batch.push_back({"incoming", static_cast<Partition>((number + static_cast<std::uint64_t>(i)) % 64), "account-" + name,
                     "incoming.submit/1", R"({"bs-id":"1","bs-epoch":1})",
                     std::string(static_cast<std::size_t>(plan.value_bytes), 'x'), plan.claims ? "order-" + name : "",
                     plan.claims ? ClaimMode::first_only : ClaimMode::none});
  }
  return batch;
}

int run(const Plan& plan) {
  EmbeddedSettings settings;
  settings.folder = plan.folder;
  auto queue = open_embedded_queue(settings);
  if (!queue || !(*queue)->ensure_topic("incoming", {true, 7'200'000})) {
    fmt::print(stderr, "{}\n", queue ? "no topic" : queue.error().text());
    return 1;
  }
  std::atomic<std::uint64_t> batches{0};
  const auto begin = Clock::now(), end = begin + std::chrono::seconds(plan.seconds);
  const double cpu = cpu_seconds();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < plan.threads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t number = 0; Clock::now() < end; ++number) {
        if (!(*queue)->append(batch_of(plan, thread, number))) std::abort();
        ++batches;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const double records = static_cast<double>(batches) * plan.batch;
  fmt::print("{:.0f} records/s, {:.2f} us of CPU a record, {:.0f} batches/s of {} from {} threads, {} bytes a value, claims {}\n",
             records / seconds, (cpu_seconds() - cpu) / records * 1e6, static_cast<double>(batches) / seconds, plan.batch,
             plan.threads, plan.value_bytes, plan.claims ? "on" : "off");
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const auto number = [&](int at, int otherwise) { return count > at ? std::atoi(words[at]) : otherwise; };
  std::string scratch = (std::filesystem::temp_directory_path() / "queue-bench-XXXXXX").string();
  const bool given = count > 1;
  if (!given && ::mkdtemp(scratch.data()) == nullptr) return 1;
  Plan plan{given ? words[1] : scratch,
            number(2, 4),
            number(3, 32),
            number(4, 5),
            number(5, 500),
            count <= 6 || std::string(words[6]) == "claim"};
  const int status = run(plan);
  if (!given) std::filesystem::remove_all(scratch);
  return status;
}
