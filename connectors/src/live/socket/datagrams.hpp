// Datagrams as records.
#pragma once

#include <cstdint>

#include "live/descriptor.hpp"
#include "weir/connectors/record_reader.hpp"

namespace weir::connectors {

class Datagrams {
 public:
  Datagrams(Descriptor socket, std::size_t max_record_bytes)
      : socket_(std::move(socket)), max_record_bytes_(max_record_bytes) {}

  /// Those that are there, each a record less the line ends behind it; what the block held is gone.
  /// False where there is none.
  bool read(RecordBlock& block);
  /// How many the system has dropped since the last call, as far as it has said with those read.
  std::uint32_t dropped();

  int descriptor() const noexcept { return socket_.get(); }

 private:
  bool read_one(RecordBlock& block, std::size_t& used);

  Descriptor socket_;
  std::size_t max_record_bytes_;
  std::uint32_t dropped_ = 0;  // since the socket was made, modulo 2^32
  std::uint32_t told_ = 0;     // of them
};

}  // namespace weir::connectors
