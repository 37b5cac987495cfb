#include "native_json.hpp"

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace weir::bench {
namespace {

constexpr std::size_t kBatch = std::size_t{1} << 20;

/// One batch of whole lines.
bool read_batch(simdjson::ondemand::parser& parser, const char* bytes, std::size_t size,
                std::size_t capacity, JsonRead& out) {
  simdjson::ondemand::document_stream stream;
  if (parser.iterate_many(bytes, size, capacity).get(stream) != simdjson::SUCCESS) return false;
  for (auto document : stream) {
    simdjson::ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return false;
    std::string_view text;
    for (const char* const field : {"ts", "type", "user", "card"}) {
      if (object.find_field(field).get_string().get(text) != simdjson::SUCCESS) return false;
      out.bytes += text.size();
    }
    double amount = 0;
    if (object.find_field("amount").get_double().get(amount) != simdjson::SUCCESS) return false;
    out.amounts += amount;
    for (const char* const field : {"merchant", "status"}) {
      if (object.find_field(field).get_string().get(text) != simdjson::SUCCESS) return false;
      out.bytes += text.size();
    }
    ++out.records;
  }
  return true;
}

}  // namespace

JsonRead read_payments(const char* path) noexcept {
  JsonRead out;
  const int file = open(path, O_RDONLY);
  if (file < 0) return out;
  simdjson::ondemand::parser parser;
  const std::unique_ptr<char[]> buffer(new char[2 * kBatch + simdjson::SIMDJSON_PADDING]());
  std::size_t held = 0;
  bool good = true;
  while (good) {
    const ssize_t n = read(file, buffer.get() + held, kBatch);
    if (n <= 0) {
      good = n == 0;
      break;
    }
    held += static_cast<std::size_t>(n);
    const void* const end = memrchr(buffer.get(), '\n', held);
    if (end == nullptr) break;
    const auto whole = static_cast<std::size_t>(static_cast<const char*>(end) - buffer.get()) + 1;
    good = read_batch(parser, buffer.get(), whole, 2 * kBatch, out);
    std::memmove(buffer.get(), buffer.get() + whole, held - whole);
    held -= whole;
  }
  close(file);
  out.fault = !good || held != 0;
  return out;
}

}  // namespace weir::bench
