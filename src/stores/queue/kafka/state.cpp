#include "stores/queue/kafka/state.h"

#include <algorithm>

#include "base/log.h"

namespace backstitch::queue::kafka {
namespace {

using Verdict = PartitionFold::Verdict;

std::uint64_t number_of(const std::string& word) { return std::strtoull(word.c_str(), nullptr, 10); }

}  // namespace

Result<TopicState*> State::find(const std::string& topic) {
  if (!broken.empty()) return fail(Code::topic_replaced, "{}", broken);
  const auto found = topics.find(topic);
  if (found == topics.end() || !found->second.made) return fail(Code::topic_unknown, "queue {}", topic);
  if (found->second.replaced) return fail(Code::topic_replaced, "queue {}, topic {} of Kafka", topic, kafka_name(topic));
  if (!found->second.followed) return fail(Code::topic_unknown, "queue {} is being opened", topic);
  return &found->second;
}

std::vector<Holder>* State::holders(const Bits128& claim) {
  const auto found = claims_.find(claim);
  return found == claims_.end() || found->second.empty() ? nullptr : &found->second;
}

void State::report_lost(const Bits128& claim, const Holder& holder) { lost_.push_back({claim, holder}); }

void State::report_lost_at(PartitionFold& part, Partition partition, Offset offset, BatchId batch) {
  const auto claim = part.claimed.find(offset);
  if (claim == part.claimed.end()) return;
  for (const Holder& holder : claims_[claim->second])
    if (holder.partition == partition && holder.offset == offset && (!batch.is_set() || holder.batch == batch))
      report_lost(claim->second, holder);
}

void State::forget(const KeptClaim& lost) {
  std::erase_if(claims_[lost.claim], [&](const Holder& holder) {
    return holder.partition == lost.holder.partition && holder.offset == lost.holder.offset && holder.batch == lost.holder.batch;
  });
  for (auto& [name, topic] : topics) {
    if (static_cast<std::size_t>(lost.holder.partition) >= topic.parts.size()) continue;
    topic.parts[static_cast<std::size_t>(lost.holder.partition)].forget_expected(lost.holder.offset, lost.holder.batch);
  }
}

std::vector<PartitionFold>& State::parts_of(const std::string& topic) {
  auto& parts = topics[topic].parts;
  parts.resize(static_cast<std::size_t>(partitions_));
  return parts;
}

void State::apply(Message message, std::int64_t now_ms, std::set<std::string>& woken) {
  const std::string name = message.topic.substr(prefix_.size() + 1);
  if (name.starts_with("_")) {
    const Offset at = message.offset;
    next_[message.topic] = at + 1;
    if (name == "_meta") {
      if (const auto words = decode_words(message.value)) apply_meta(*words);
    } else if (name == "_decisions") {
      if (const auto decision = decode_decision(message.value)) apply_decision(*decision, at, woken);
    } else if (name == "_claims") {
      apply_claim(message);
    }
    return;
  }
  const auto topic = topics.find(name);
  if (topic != topics.end() && topic->second.followed) apply_record(topic->second, std::move(message), now_ms, woken);
}

void State::apply_meta(const Words& words) {
  const std::string kind = words.empty() ? "" : words[0];
  if (kind == "instance" && words.size() == 3 && instance.empty()) {
    instance = words[1], instance_partitions = static_cast<Partition>(number_of(words[2]));
  } else if (kind == "owner" && words.size() == 2 && owner.empty()) {
    owner = words[1];
  } else if (kind == "topic" && words.size() == 3) {
    TopicState& topic = topics[words[1]];
    if (topic.name.empty()) topic.name = words[1], topic.incarnation = words[2];
  } else if (kind == "made" && words.size() == 2) {
    topics[words[1]].made = true;
  } else if (kind == "settings" && words.size() == 4) {
    topics[words[1]].settings = {words[2] == "durable", static_cast<std::int64_t>(number_of(words[3]))};
  } else if (kind == "hold" && words.size() == 2) {
    hold = words[1] == "on";
  }
}

bool State::accept(const Member& member, std::uint64_t place, BatchId batch, Own::Answer* answer) {
  if (member.mode == ClaimMode::none) return true;
  const Bits128 number = claim_number(member.topic, member.claim);
  std::vector<Holder>& holders = claims_[number];
  const auto behind = std::find_if(holders.begin(), holders.end(), [&](const Holder& holder) { return holder.place >= place; });
  if (answer != nullptr) answer->holders.assign(holders.begin(), behind);
  if (member.mode == ClaimMode::first_only && behind != holders.begin()) return false;
  if (member.offset == 0) return true;
  // It may be known from _claims already.
  if (behind == holders.end() || behind->place != place)
    holders.insert(behind, Holder{member.partition, member.offset, place, batch, std::nullopt});
  return true;
}

void State::apply_decision(const Decision& decision, Offset at, std::set<std::string>& woken) {
  const bool mine = decision.batch.session == session_ && own.contains(decision.batch.number);
  Own* const waiting = mine ? own.at(decision.batch.number) : nullptr;
  if (decision.kind == Decision::Kind::lost) {
    for (const KeptClaim& lost : decision.lost) forget(lost);
    return;
  }
  if (decision.kind == Decision::Kind::is_void) {
    if (waiting != nullptr && !waiting->decided) waiting->is_void = true;
    voided_.insert(decision.batch);
    for (auto& [name, topic] : topics)
      for (PartitionFold& part : topic.parts)
        if (part.make_void(decision.batch, tail_bytes_max_)) woken.insert(name);
    return;
  }
  if (voided_.erase(decision.batch) > 0) return;
  Done done{at, {}};
  for (std::size_t i = 0; i < decision.members.size(); ++i) {
    const Member& member = decision.members[i];
    Own::Answer answer;
    answer.accepted = accept(member, at << 20 | i, decision.batch, waiting == nullptr ? nullptr : &answer);
    if (waiting != nullptr) waiting->answers.push_back(answer);
    if (member.offset == 0 || member.partition >= partitions_) continue;
    PartitionFold& part = parts_of(member.topic)[static_cast<std::size_t>(member.partition)];
    if (answer.accepted && member.mode != ClaimMode::none && member.offset >= part.low())
      part.claimed[member.offset] = claim_number(member.topic, member.claim);
    if (part.decide(member.offset, decision.batch, answer.accepted, tail_bytes_max_)) woken.insert(member.topic);
    done.last.emplace_back(member.topic, member.partition, member.offset);
  }
  if (waiting != nullptr) waiting->decided = true;
  done_.push_back(std::move(done));
}

Offset State::first_needed_decision() {
  const auto gone = [&](const auto& last) {
    const auto& [name, partition, offset] = last;
    const auto topic = topics.find(name);
    return topic != topics.end() && topic->second.followed && !topic->second.replaced &&
           offset < topic->second.parts[static_cast<std::size_t>(partition)].low();
  };
  while (!done_.empty() && std::all_of(done_.front().last.begin(), done_.front().last.end(), gone)) done_.pop_front();
  return done_.empty() ? next_[kafka_name("_decisions")] : done_.front().decision;
}

void State::apply_claim(const Message& message) {
  if (message.key.starts_with("begin ")) {  // how a partition began, and its last time before
    const auto words = decode_words(message.value);
    if (words && words->size() == 4)
      noted_begins[{(*words)[0], static_cast<Partition>(number_of((*words)[1]))}] = {
          number_of((*words)[2]), Time{static_cast<std::int64_t>(number_of((*words)[3]))}};
    return;
  }
  const auto claim = decode_claim(message.value);
  if (!claim) return;
  std::vector<Holder>& holders = claims_[claim->claim];
  for (Holder& holder : holders) {
    if (holder.partition != claim->holder.partition || holder.offset != claim->holder.offset) continue;
    holder.kept = claim->holder.kept;
    return;
  }
  const auto behind =
      std::find_if(holders.begin(), holders.end(), [&](const Holder& holder) { return holder.place > claim->holder.place; });
  holders.insert(behind, claim->holder);
}

Verdict State::verdict_of(const TopicState& topic, PartitionFold& part, const Message& message, const Envelope& envelope) {
  const auto expected = part.take_expected(message.offset);
  if (expected && expected->batch == envelope.batch) return expected->counts ? Verdict::counts : Verdict::hole;
  if (expected && expected->counts) {  // a log that lost its tail has something else here now
    report_lost_at(part, message.partition, message.offset, expected->batch);
    log_warn("queue.record_lost", "queue={} partition={} offset={}", topic.name, message.partition, message.offset);
  }
  if (envelope.kind == Kind::alone) return Verdict::counts;
  if (envelope.kind == Kind::filler) return Verdict::lost;
  if (envelope.kind != Kind::member || voided_.contains(envelope.batch)) return Verdict::hole;
  return Verdict::undecided;
}

void State::apply_record(TopicState& topic, Message message, std::int64_t now_ms, std::set<std::string>& woken) {
  PartitionFold& part = topic.parts[static_cast<std::size_t>(message.partition)];
  if (message.offset < part.next()) return;  // read before the follower was set to another place
  const auto envelope = decode(message).value_or(Envelope{});
  if (message.offset == 0 && (envelope.kind != Kind::birth || envelope.incarnation != topic.incarnation)) {
    topic.replaced = true;
    return;
  }
  const Verdict verdict = verdict_of(topic, part, message, envelope);
  Record record{message.offset,  message.appended, std::move(message.key),
                envelope.schema, envelope.headers, std::move(message.value)};
  if (envelope.batch.session == session_) {
    const auto waiting = own.find(envelope.batch.number);
    if (waiting != own.end() && envelope.index < waiting->second->seen.size())
      waiting->second->seen[envelope.index] = {record.offset, std::max(record.appended, part.last_at())};
  }
  if (part.pass(std::move(record), envelope.batch, verdict, now_ms, tail_bytes_max_)) woken.insert(topic.name);
}

void State::rewind(TopicState& topic, Partition partition, Offset end) {
  PartitionFold& part = topic.parts[static_cast<std::size_t>(partition)];
  for (auto at = part.claimed.lower_bound(end); at != part.claimed.end(); ++at) report_lost_at(part, partition, at->first, {});
  if (part.next() > end) part.rewind(end);
}

}  // namespace backstitch::queue::kafka
