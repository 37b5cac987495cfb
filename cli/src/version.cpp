// weir version: what this program is made of.
#include <fmt/core.h>
#include <spdlog/version.h>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "json_tree.hpp"

namespace weir::cli {
namespace {

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string build() {
#ifdef NDEBUG
  return "release";
#else
  return "debug";
#endif
}

}  // namespace

int version(Io& io) {
  io.out.write(fmt::format("weir {}\n", WEIR_VERSION));
  io.out.write(
      fmt::format("  compiler  {}, C++{}, {}\n", compiler(), __cplusplus / 100 % 100, build()));
  io.out.write(fmt::format("  simdjson  {}\n", json_library()));
  io.out.write(fmt::format("  fmt       {}.{}.{}\n", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                           FMT_VERSION % 100));
  io.out.write(
      fmt::format("  spdlog    {}.{}.{}\n", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH));
  return kFine;
}

}  // namespace weir::cli
