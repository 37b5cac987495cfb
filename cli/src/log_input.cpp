#include "log_input.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

#include "formats.hpp"
#include "logging.hpp"
#include "weir/event/zone.hpp"
#include "weir/runtime/engine.hpp"

namespace weir::cli {
namespace {

// Enough to tell a format by.
constexpr std::size_t kPeekBytes = 64 * 1024;
// A share is asked of logs that are long enough for one.
constexpr std::uint64_t kShareFrom = 1000;

/// A stream whose first bytes have been looked at.
class PeekedStream : public connectors::ByteStream {
 public:
  explicit PeekedStream(std::unique_ptr<connectors::ByteStream> inner) : inner_(std::move(inner)) {
    first_.resize(kPeekBytes);
    std::size_t used = 0;
    std::size_t n = 0;
    do {
      n = inner_->read(std::span(first_).subspan(used));
      used += n;
    } while (n > 0 && used < first_.size());
    first_.resize(used);
  }

  std::string_view first() const { return first_; }

  std::size_t read(std::span<char> out) override {
    if (given_ == first_.size()) return inner_->read(out);
    const std::size_t n = std::min(out.size(), first_.size() - given_);
    std::memcpy(out.data(), first_.data() + given_, n);
    given_ += n;
    return n;
  }
  const connectors::StreamError& error() const noexcept override {
    static const connectors::StreamError kNoError;
    return given_ == first_.size() ? inner_->error() : kNoError;
  }
  std::uint64_t stored_bytes_read() const noexcept override { return inner_->stored_bytes_read(); }
  std::uint64_t stored_bytes_total() const noexcept override {
    return inner_->stored_bytes_total();
  }

 private:
  std::unique_ptr<connectors::ByteStream> inner_;
  std::string first_;
  std::size_t given_ = 0;
};

}  // namespace

bool resolve_log_options(const LogOptions& flags, const RuleSet& rules,
                         const std::optional<Schema>& schema, connectors::LogOptions& options,
                         std::string& error) {
  connectors::CodecOptions& codec = options.codec;
  if (!choose_format(flags.format, rules, codec, error)) return false;
  if (!flags.pattern.empty()) {
    if (codec.spec != nullptr || (codec.format != connectors::LogFormat::kAuto &&
                                  codec.format != connectors::LogFormat::kRegex)) {
      error = fmt::format("--pattern goes with --format regex, not with --format {}", flags.format);
      return false;
    }
    codec.format = connectors::LogFormat::kRegex;
    codec.pattern = flags.pattern;
  } else if (codec.format == connectors::LogFormat::kRegex) {
    error = "--format regex needs --pattern REGEX";
    return false;
  }
  codec.type = flags.type;
  codec.type_field = flags.type_field;
  codec.time_field = flags.time_field;
  if (!connectors::parse_time_format(flags.time_format, codec.time, error)) return false;
  if (!flags.zone.empty()) {
    codec.time.zone = Zone::find(flags.zone, error);
    if (codec.time.zone == nullptr) return false;
  }
  if (flags.year) {
    codec.year = *flags.year;
    codec.time.default_year = *flags.year;
  }
  if (schema) codec.schema = std::make_shared<const Schema>(*schema);
  if (!flags.since.empty()) options.since = parse_iso8601(flags.since);
  if (!flags.until.empty()) options.until = parse_iso8601(flags.until);
  return true;
}

std::unique_ptr<connectors::LogSource> open_log(const std::string& path, std::uint32_t source,
                                                connectors::LogOptions options,
                                                const RuleSet& rules, const FieldPlan& plan,
                                                std::string& error) {
  const auto tell = [&] {
    log_choice(fmt::format("{} is read as {}", path,
                           options.codec.spec ? options.codec.spec->name
                                              : std::string(to_string(options.codec.format))));
  };
  if (options.codec.spec != nullptr || options.codec.format != connectors::LogFormat::kAuto) {
    tell();
    return connectors::LogSource::open(path, source, options, plan, error);
  }
  connectors::StreamError fault;
  auto stream = connectors::open_byte_stream(path, fault);
  if (stream == nullptr) {
    error = fault.message;
    return nullptr;
  }
  auto peeked = std::make_unique<PeekedStream>(std::move(stream));
  detect_format(peeked->first(), path, rules, options.codec);
  tell();
  return connectors::LogSource::make(std::move(peeked), path, source, options, plan, error);
}

bool RejectLimit::exceeded(std::uint64_t rejected, std::uint64_t records,
                           bool ended) const noexcept {
  if (percent < 0) return rejected > count;
  if (records < kShareFrom && !(ended && from_start)) return false;
  return static_cast<double>(rejected) * 100 > percent * static_cast<double>(records);
}

bool parse_reject_limit(const std::string& text, RejectLimit& limit, std::string& error) {
  const bool share = text.ends_with('%');
  const char* const end = text.data() + text.size() - (share ? 1 : 0);
  const auto [at, fault] = share ? std::from_chars(text.data(), end, limit.percent)
                                 : std::from_chars(text.data(), end, limit.count);
  const bool ok =
      fault == std::errc() && at == end && (!share || (limit.percent >= 0 && limit.percent <= 100));
  if (!ok) {
    error = fmt::format("--max-rejected \"{}\" is neither a number nor a share such as 5%", text);
  }
  return ok;
}

bool LogInput::open(const LogOptions& flags, const RuleSet& rules,
                    const std::optional<Schema>& schema, const FieldPlan& plan,
                    std::string& error) {
  connectors::LogOptions options;
  if (!resolve_log_options(flags, rules, schema, options, error)) return false;
  if (!flags.out_of_order.empty()) out_of_order_ = *parse_duration(flags.out_of_order);
  if (std::count(flags.logs.begin(), flags.logs.end(), "-") > 1) {
    error = "standard input can be read as one log only";
    return false;
  }
  for (const std::string& path : flags.logs) {
    auto log =
        open_log(path, static_cast<std::uint32_t>(logs_.size()), options, rules, plan, error);
    if (log == nullptr) return false;
    logs_.push_back(std::move(log));
  }
  cursors_.resize(logs_.size());
  return true;
}

bool LogInput::refill(std::size_t log, RejectionSink& rejections) {
  Cursor& cursor = cursors_[log];
  cursor.next = 0;
  cursor.ended = !logs_[log]->next(cursor.batch);
  if (cursor.ended) return true;
  for (const connectors::Rejection& rejection : cursor.batch.rejections) {
    rejections.on_rejection(*logs_[log], rejection);
  }
  return rejections.go_on();
}

bool LogInput::run(runtime::EventSink& events, RejectionSink& rejections) {
  runtime::Sequencer sequencer(std::vector<Duration>(logs_.size(), out_of_order_), events);
  bool complete = true;
  while (const auto slowest = sequencer.slowest()) {
    Cursor& cursor = cursors_[*slowest];
    if (cursor.next == cursor.batch.events.size()) {
      complete = refill(*slowest, rejections);
      if (!complete) break;
      if (cursor.ended) sequencer.close(*slowest);
      continue;
    }
    // One log needs nobody's leave; several are read in step.
    do {
      const std::span<const Event> left = std::span(cursor.batch.events).subspan(cursor.next);
      if (cursor.next % runtime::Engine::kAhead == 0) events.on_ahead(left);
      sequencer.push(*slowest, left.front());
      ++cursor.next;
    } while (logs_.size() == 1 && cursor.next < cursor.batch.events.size());
  }
  if (complete) sequencer.finish();
  late_ = sequencer.late();
  return complete;
}

connectors::LogTotals LogInput::totals() const {
  connectors::LogTotals sum;
  for (const auto& log : logs_) sum.add(log->totals());
  return sum;
}

std::vector<std::string> LogInput::faults() const {
  std::vector<std::string> out;
  for (const auto& log : logs_) {
    if (log->error()) out.push_back(log->error().message);
  }
  return out;
}

}  // namespace weir::cli
