#include "live/http/inbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "weir/event/value.hpp"

namespace weir::connectors {
namespace {

HttpResponse closing() {
  HttpResponse response = http_error(503, "stopping", "the source stops: send it again later");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

/// Copies records, one a line, as a file would hold them.
void fill_block(RecordBlock& block, std::span<const std::string_view> records,
                std::uint64_t offset) {
  std::size_t bytes = 0;
  for (const std::string_view record : records) {
    bytes += std::min(record.size(), kMaxRecordBytes) + 1;
  }
  block.records.clear();
  block.reserve(bytes, 0);
  char* at = block.data.get();
  for (std::string_view record : records) {
    RejectReason fault = RejectReason::kNone;
    if (record.size() > kMaxRecordBytes) {
      fault = RejectReason::kRecordTooLong;
      record = record.substr(0, kKeptOfLongRecord);
    }
    std::memcpy(at, record.data(), record.size());
    block.records.push_back({{at, record.size()}, offset++, fault});
    at += record.size();
    *at++ = '\n';
  }
}

}  // namespace

bool HttpInbox::is_busy(std::size_t more_bytes) const noexcept {
  if (paused_) return true;
  if (waiting_ == 0) return false;  // one that is larger than the bound gets in alone
  return waiting_ >= options_.max_waiting_requests ||
         waiting_bytes_ + more_bytes > options_.max_waiting_bytes;
}

bool HttpInbox::turns_away_locked(std::size_t bytes, HttpResponse& answer) const {
  if (closed_) {
    answer = closing();
    return true;
  }
  if (!is_busy(bytes)) return false;
  answer = http_error(429, "busy", "events come faster than they are taken: send it again later");
  answer.headers.emplace_back("Retry-After", "1");
  return true;
}

bool HttpInbox::turns_away(HttpResponse& answer) {
  const Lock lock(mutex_);
  return turns_away_locked(0, answer);
}

HttpResponse HttpInbox::submit(SubmissionPtr submission, const std::stop_token& stopping) {
  Lock lock(mutex_);
  if (!submission->key.empty()) {
    if (const SubmissionPtr before = keys_.find(submission->key)) {
      if (before->body_hash != submission->body_hash) {
        return http_error(422, "idempotency_key_reused",
                          "this Idempotency-Key came with another body before");
      }
      submission.reset();
      return wait(lock, before, stopping);
    }
  }
  HttpResponse refusal;
  if (turns_away_locked(submission->bytes(), refusal)) return refusal;
  if (!submission->key.empty()) keys_.remember(submission->key, submission);
  ++waiting_;
  waiting_bytes_ += submission->bytes();
  if (submission->records.empty()) {
    answer(*submission);
  } else {
    queue_.push_back(submission);
    arrived_.notify_one();
  }
  return wait(lock, submission, stopping);
}

HttpResponse HttpInbox::wait(Lock& lock, const SubmissionPtr& submission,
                             const std::stop_token& stopping) {
  const auto until = std::chrono::steady_clock::now() + options_.settle_within;
  if (submission->changed.wait_until(lock, stopping, until, [&] { return submission->answered; })) {
    return submission->answer;
  }
  if (stopping.stop_requested()) return closing();
  HttpResponse response =
      http_error(503, "not_settled",
                 "the events are in the queue and will be taken; the same Idempotency-Key asks for "
                 "the answer, anything else puts them in again");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

void HttpInbox::poll(Polled& into, std::chrono::milliseconds timeout) {
  Lock lock(mutex_);
  const auto has_news = [this] {
    return woken_ || closed_ || (!paused_ && (!queue_.empty() || !drained_told_));
  };
  arrived_.wait_for(lock, timeout, has_news);
  woken_ = false;
  into.kind = Polled::Kind::kNothing;
  into.partition = 0;
  if (paused_ || closed_) return;
  if (!queue_.empty()) {
    drained_told_ = false;
    hand_out(into);
  } else if (!drained_told_) {
    drained_told_ = true;
    into.kind = Polled::Kind::kDrained;
  }
}

void HttpInbox::hand_out(Polled& into) {
  const SubmissionPtr submission = queue_.front();
  const auto left = std::span(submission->records).subspan(submission->handed_out);
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < left.size() && count < kMaxPolledRecords) {
    bytes += left[count].size();
    if (count > 0 && bytes > kMaxPolledBytes) break;
    ++count;
  }
  fill_block(into.block, left.first(count), offset_);
  into.kind = Polled::Kind::kRecords;
  into.ticket = ++last_ticket_;
  into.next_offset = offset_ += count;
  handed_out_.push_back({into.ticket, submission, submission->handed_out, count});
  submission->handed_out += count;
  if (count == left.size()) queue_.pop_front();
}

void HttpInbox::settled(std::uint64_t ticket, std::span<const RefusedRecord> refused) {
  const Lock lock(mutex_);
  if (handed_out_.empty() || handed_out_.front().ticket != ticket) return;
  const HandedOut part = std::move(handed_out_.front());
  handed_out_.pop_front();
  Submission& submission = *part.submission;
  if (submission.answered) return;  // by close()
  for (const RefusedRecord& record : refused) {
    if (submission.refused++ >= kMaxHttpRejectionsShown) continue;
    std::string& out = submission.rejections;
    out += fmt::format("{}{{\"index\":{},\"reason\":\"{}\"", out.empty() ? "" : ",",
                       part.first + record.index, to_string(record.reason));
    if (!record.detail.empty()) {
      out += ",\"detail\":";
      append_json_string(out, record.detail);
    }
    out += '}';
  }
  submission.settled += part.count;
  if (submission.settled == submission.records.size()) answer(submission);
}

void HttpInbox::answer(Submission& submission) {
  const std::size_t count = submission.records.size();
  const std::size_t accepted = count - std::min(count, submission.refused);
  HttpResponse& response = submission.answer;
  response.status = accepted == 0 && count > 0 ? 400 : 200;
  response.body =
      fmt::format("{{\"accepted\":{},\"rejected\":[{}]", accepted, submission.rejections);
  if (submission.refused > kMaxHttpRejectionsShown) {
    response.body +=
        fmt::format(",\"more_rejected\":{}", submission.refused - kMaxHttpRejectionsShown);
  }
  response.body += "}\n";
  --waiting_;
  waiting_bytes_ -= submission.bytes();
  submission.records = {};
  submission.body = {};
  submission.rejections = {};
  submission.answered = true;
  if (!submission.key.empty()) keys_.answered(submission);
  submission.changed.notify_all();
}

void HttpInbox::pause(bool paused) {
  const Lock lock(mutex_);
  paused_ = paused;
}

void HttpInbox::wake() {
  const Lock lock(mutex_);
  woken_ = true;
  arrived_.notify_one();
}

void HttpInbox::close() {
  const Lock lock(mutex_);
  closed_ = true;
  const auto give_up = [](Submission& submission) {
    if (submission.answered) return;
    submission.answered = true;
    submission.answer = closing();
    submission.changed.notify_all();
  };
  for (const SubmissionPtr& submission : queue_) give_up(*submission);
  for (const HandedOut& part : handed_out_) give_up(*part.submission);
}

}  // namespace weir::connectors
