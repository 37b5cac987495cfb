// The commands: what the command line gave each, and the function that does it. Every function
// returns an exit code (exit_codes.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output.hpp"

namespace weir::cli {

/// How logs are read; every command that reads one has these flags.
struct LogOptions {
  std::vector<std::string> logs;
  std::string format = "auto";
  std::string pattern;
  std::string type;
  std::string type_field;
  std::string time_field;
  std::string time_format = "auto";
  std::string zone;
  std::optional<int> year;
  std::string out_of_order;
  std::string schema;
  std::string since;
  std::string until;
  std::string max_rejected = "1%";
};

struct ReplayOptions {
  std::vector<std::string> rules;
  LogOptions log;
  std::string recording;  // of a live run, in the place of logs
  std::string output = "auto";
  std::string late;
  std::string rejected;
  std::size_t threads = 0;   // 0: as many as there are cores
  std::size_t workers = 0;   // that match, of several threads; 0: as many as are worth it
  std::size_t batch = 4096;  // events that threads hand over at a time
  std::optional<std::string> cache;  // folder; empty: none; not given: the user's
  bool quiet = false;
  int verbose = 0;
};

struct RunOptions {
  std::string config;
  std::string log_format = "text";
  int verbose = 0;
};

/// Where a running `weir run` answers.
struct ApiOptions {
  std::string url = "http://127.0.0.1:9464";
  std::string token_file;
  std::string ca_file;
};

struct TopOptions {
  ApiOptions api;
  bool once = false;
};

struct TapOptions {
  ApiOptions api;
  std::string stream;
  std::string grep;
  std::vector<std::string> where;  // field=value
  std::uint64_t count = 0;         // 0: until it is interrupted
};

struct TestOptions {
  std::vector<std::string> paths;
  std::string output = "text";
  std::string filter;
  bool fail_fast = false;
  bool quiet = false;
  int verbose = 0;
};

struct CheckOptions {
  std::vector<std::string> paths;
  std::string schema;
  bool deny_warnings = false;
  bool environment = true;  // of configs: secrets, folders, rules are looked for
  bool quiet = false;
};

struct ExplainOptions {
  std::string subject;  // a rule's id, or a code
  std::vector<std::string> rules;
  std::string schema;
  std::string dot;  // a file or `-`; empty: not asked for
  std::string svg;
};

struct FmtOptions {
  std::vector<std::string> paths;
  bool check = false;
  bool diff = false;
  bool quiet = false;
};

struct SchemaOptions {
  LogOptions log;
  std::vector<std::string> rules;  // for the formats that they define
  std::string what;
};

struct WhyOptions {
  std::string rule;
  std::vector<std::string> rules;
  LogOptions log;
  std::vector<std::string> key;  // k=v
  std::string at;
  std::size_t runs = 5;
};

/// Threads that a replay may have.
inline constexpr std::size_t kMaxThreads = 256;
int replay(const ReplayOptions& options, Io& io);
int run_live(const RunOptions& options, Io& io);
int top(const TopOptions& options, Io& io);
int tap(const TapOptions& options, Io& io);
int test(const TestOptions& options, Io& io);
int check(const CheckOptions& options, Io& io);
int explain(const ExplainOptions& options, Io& io);
int fmt_files(const FmtOptions& options, Io& io);
int schema_infer(const SchemaOptions& options, Io& io);
int schema_print(const SchemaOptions& options, Io& io);
int why(const WhyOptions& options, Io& io);
int version(Io& io);

}  // namespace weir::cli
