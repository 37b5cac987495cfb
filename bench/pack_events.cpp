#include "pack_events.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace weir::bench {
namespace {

struct FieldTable {
  std::string_view name;
  /// Values that are drawn evenly, between bars; "u#300" is one of u0 .. u299, "#1..99" a whole
  /// number, "-" null.
  std::string_view choices;
};

struct TypeTable {
  std::string_view type;
  std::vector<FieldTable> fields;
};

const std::vector<TypeTable>& tables() {
  static const std::vector<TypeTable> kTables = {
      {"access",
       {{"ip", "10.0.0.#300"},
        {"status", "200|200|200|302|401|403|404|404"},
        {"path", "/index.html|/shop/item#200|/wp-login.php|/.env|/login|/api/session|/a/../../etc"},
        {"method", "GET|GET|GET|POST"},
        {"bytes", "#100..99999"},
        {"user_agent", "agent#20"}}},
      {"alarm",
       {{"name", "alarm#30"},
        {"host", "h#50"},
        {"state", "firing|resolved|resolved"},
        {"severity", "high"},
        {"owner", "ops"}}},
      {"app_log",
       {{"service", "s#40"},
        {"level", "info|info|info|warn|error|fatal"},
        {"message", "text #9"},
        {"host", "h#50"}}},
      {"backup",
       {{"job", "job#100"}, {"outcome", "success|success|failure"}, {"size_mb", "#10..900"}}},
      {"cash_deposit",
       {{"account", "A#500"}, {"amount", "#50..12000"}, {"branch", "b#9"}, {"user", "u#500"}}},
      {"certificate", {{"name", "cert#100"}, {"days_left", "#1..90"}, {"issuer", "ca#3"}}},
      {"check", {{"service", "s#40"}, {"status", "up|up|up|down"}, {"reason", "timeout|refused"}}},
      {"cloudtrail",
       {{"userIdentity.arn", "arn:aws:iam::1:user/u#200|arn:aws:sts::1:assumed-role/app/i-0#20"},
        {"userIdentity.type", "IAMUser|AssumedRole|Root"},
        {"userIdentity.userName", "u#200"},
        {"eventName",
         "DescribeInstances|ListBuckets|GetObject|GetSecretValue|ConsoleLogin|StopLogging|"
         "StartLogging|"
         "CreateUser|AttachUserPolicy|CreateAccessKey|GetParameters|AuthorizeSecurityGroupIngress|"
         "ListUsers|DescribeKeyPairs|GetPolicy|ModifySnapshotAttribute"},
        {"sourceIPAddress", "198.51.100.#200"},
        {"errorCode", "-|-|-|AccessDenied"},
        {"readOnly", "true|false"},
        {"recipientAccountId", "acc#5"},
        {"userAgent", "agent#20"},
        {"awsRegion", "eu-central-1"},
        {"eventSource", "ec2|iam"},
        {"requestParameters.name", "trail#5"},
        {"requestParameters.userName", "u#200"},
        {"requestParameters.secretId", "secret#40"},
        {"requestParameters.policyArn",
         "arn:aws:iam::aws:policy/AdministratorAccess|arn:aws:iam::1:policy/x"},
        {"requestParameters.withDecryption", "true|false"},
        {"requestParameters.groupId", "sg-#30"},
        {"requestParameters.cidrIp", "0.0.0.0/0|10.0.0.0/8"},
        {"requestParameters.ipProtocol", "tcp|-1"},
        {"requestParameters.fromPort", "22|80|443"},
        {"requestParameters.toPort", "22|80|443"},
        {"responseElements.ConsoleLogin", "Success|Failure"},
        {"additionalEventData.MFAUsed", "Yes|No"}}},
      {"confirmation", {{"user", "u#500"}, {"ref", "r#2000"}}},
      {"cpu", {{"host", "h#50"}, {"pct", "#60..100"}}},
      {"deploy", {{"service", "s#40"}, {"version", "v#30"}, {"by", "u#9"}}},
      {"disk", {{"host", "h#50"}, {"mount", "/|/var"}, {"used_pct", "#70..99"}}},
      {"heartbeat", {{"host", "h#50"}, {"ip", "10.1.0.#50"}}},
      {"http_request",
       {{"service", "s#40"}, {"status", "200|200|200|404|500"}, {"latency_ms", "#5..600"}}},
      {"login",
       {{"user", "u#500"},
        {"outcome", "success|success|failure"},
        {"ip", "203.0.113.#200"},
        {"device", "d#700"}}},
      {"logout", {{"user", "u#500"}}},
      {"payment",
       {{"user", "u#500"},
        {"card", "c#600"},
        {"status", "approved|approved|approved|declined"},
        {"device", "d#700|-"},
        {"amount", "#1..20|#1..1500"},
        {"merchant", "m#60"},
        {"channel", "pos|online"},
        {"lat", "51|35|-"},
        {"lon", "0|10|-"},
        {"country", "GB|DE|FR"},
        {"category", "groceries|gift_card|clothes"}}},
      {"process_exit", {{"service", "s#40"}, {"host", "h#50"}, {"code", "0|0|1|137"}}},
      {"process_start", {{"service", "s#40"}, {"host", "h#50"}, {"version", "v#30"}}},
      {"profile_change",
       {{"user", "u#500"},
        {"what", "phone|email|newsletter"},
        {"ip", "203.0.113.#200"},
        {"device", "d#700"}}},
      {"queue_depth", {{"queue", "q#10"}, {"depth", "#1..900"}, {"consumers", "#0..9"}}},
      {"refund",
       {{"user", "u#500"},
        {"card", "c#600"},
        {"amount", "#10..200"},
        {"merchant", "m#60"},
        {"reason", "size|damaged"},
        {"staff", "t#9"}}},
      {"rollback", {{"service", "s#40"}}},
      {"shutdown", {{"host", "h#50"}}},
      {"ssh_failed",
       {{"ip", "198.51.100.#200"},
        {"host", "h#50"},
        {"user", "root|u#500"},
        {"times", "-|-|2"},
        {"invalid", "-|invalid user "}}},
      {"ssh_ok",
       {{"ip", "198.51.100.#200"},
        {"host", "h#50"},
        {"user", "u#500"},
        {"method", "publickey|password"}}},
      {"ssh_unknown_user", {{"ip", "198.51.100.#200"}, {"host", "h#50"}, {"user", "guest#40"}}},
      {"sudo",
       {{"user", "u#500"},
        {"target", "root|www"},
        {"host", "h#50"},
        {"command", "/bin/ls"},
        {"refused", "-"}}},
      {"transfer_in", {{"account", "A#500"}, {"amount", "#100..900"}, {"counterparty", "X#200"}}},
      {"transfer_out",
       {{"user", "u#500"},
        {"account", "A#500"},
        {"amount", "#100..4000"},
        {"counterparty", "X#200"},
        {"device", "d#700"},
        {"ref", "r#2000"}}},
      {"user_added", {{"host", "h#50"}, {"user", "u#500"}, {"uid", "#1000..1999"}}},
  };
  return kTables;
}

std::int64_t whole(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Value PackEvents::draw(std::string_view choices) {
  std::array<std::string_view, 16> parts;
  std::size_t n = 0;
  for (std::size_t from = 0; from <= choices.size() && n < parts.size();) {
    const std::size_t bar = std::min(choices.find('|', from), choices.size());
    parts[n++] = choices.substr(from, bar - from);
    from = bar + 1;
  }
  const std::string_view chosen = parts[random_.below(n)];
  if (chosen == "-") return {};
  if (chosen == "true" || chosen == "false") return Value::boolean(chosen == "true");
  const std::size_t hash = chosen.find('#');
  if (hash == std::string_view::npos) {
    return is_number(chosen) ? Value::integer(whole(chosen)) : Value::string(chosen);
  }
  const std::size_t dots = chosen.find("..", hash);
  if (hash == 0 && dots != std::string_view::npos) {
    const std::int64_t low = whole(chosen.substr(1));
    const std::int64_t high = whole(chosen.substr(dots + 2));
    return Value::integer(
        low + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(high - low + 1))));
  }
  const std::uint64_t number =
      random_.below(static_cast<std::uint64_t>(whole(chosen.substr(hash + 1))));
  return arena_.copy(Value::string(fmt::format("{}{}", chosen.substr(0, hash), number)));
}

PackEvent PackEvents::next() {
  const TypeTable& table = tables()[random_.below(tables().size())];
  now_ = now_ + Duration{static_cast<std::int64_t>(random_.below(200)) * kNsPerMs};
  PackEvent event{.type = table.type, .ts = now_, .fields = {}};
  for (const FieldTable& field : table.fields) {
    event.fields.emplace_back(field.name, draw(field.choices));
  }
  return event;
}

}  // namespace weir::bench
