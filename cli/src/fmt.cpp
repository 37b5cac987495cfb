// weir fmt: rule files laid out one way.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "line_diff.hpp"
#include "paths.hpp"
#include "rules.hpp"
#include "weir/pattern-lang/fmt_file.hpp"

namespace weir::cli {
namespace {

/// Replaces a file by way of a new one beside it, so that it is never half written. Its mode stays.
bool replace_file(const std::string& path, const std::string& text, std::string& error) {
  // A link is written through, not replaced.
  char resolved[4096];
  const char* const real = ::realpath(path.c_str(), resolved);
  const std::string target = real == nullptr ? path : real;
  const std::string fresh = target + ".weir-fmt";
  {
    const auto out = Out::create(fresh, error);
    if (out == nullptr) return false;
    out->write(text);
    out->flush();
    error = out->failure();
  }
  struct stat info {};
  if (error.empty() && ::stat(target.c_str(), &info) == 0) ::chmod(fresh.c_str(), info.st_mode);
  if (error.empty() && std::rename(fresh.c_str(), target.c_str()) != 0) {
    error = fmt::format("cannot write {}: {}", path, std::strerror(errno));
  }
  if (!error.empty()) ::unlink(fresh.c_str());
  return error.empty();
}

class Formatter {
 public:
  Formatter(const FmtOptions& options, Io& io) : options_(options), io_(io) {}

  int run() {
    std::vector<std::string> errors;
    const std::vector<std::string> files = expand_rule_paths(options_.paths, errors);
    for (const std::string& error : errors) fail(error);
    for (const std::string& file : files) one(file);
    io_.out.flush();
    print_diagnostics(diagnostics_, false, io_);
    if (diagnostics_.has_errors()) return kInvalidRules;
    if (failed_) return kUsage;
    return changed_ > 0 && options_.check ? kFindings : kFine;
  }

 private:
  void one(const std::string& path) {
    lang::SourceFile file;
    file.path = path == "-" ? "<stdin>" : path;
    std::string error;
    if (!read_file(path, lang::kMaxRuleFileBytes, file.text, error)) return fail(error);
    if (is_config(path, file.text, options_.paths, error)) {
      if (!error.empty()) fail(error);
      return;
    }
    const auto text = lang::format_rule_file(file, diagnostics_);
    if (!text) return;
    const bool changed = *text != file.text;
    if (changed) ++changed_;
    if (options_.diff) io_.out.write(unified_diff(file.path, file.text, *text, io_.out.color()));
    if (options_.check || options_.diff) {
      if (changed && !options_.diff && !options_.quiet) {
        io_.err.write(fmt::format("{} would change\n", file.path));
      }
      return;
    }
    if (path == "-") return io_.out.write(*text);
    if (!changed) return;
    if (!replace_file(path, *text, error)) return fail(error);
    if (!options_.quiet) io_.err.write(fmt::format("{} laid out\n", path));
  }

  void fail(const std::string& error) {
    print_error(io_, error);
    failed_ = true;
  }

  const FmtOptions& options_;
  Io& io_;
  lang::Diagnostics diagnostics_;
  std::size_t changed_ = 0;
  bool failed_ = false;
};

}  // namespace

int fmt_files(const FmtOptions& options, Io& io) {
  return Formatter(options, io).run();
}

}  // namespace weir::cli
