// FieldPlan: ids, slots, and what `*` reads.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "weir/event/event.hpp"

namespace weir {
namespace {

TEST_CASE("ts and type are there from the start") {
  FieldPlan plan;
  CHECK(plan.field_count() == 2);
  CHECK(plan.field(kTsField).dotted == "ts");
  CHECK(plan.field(kTypeField).dotted == "type");
  CHECK(plan.add_field("ts") == kTsField);
  CHECK(plan.add_field("type") == kTypeField);
  CHECK(plan.type_count() == 1);
  CHECK(plan.type_id("login") == kOtherType);
}

TEST_CASE("types and fields have one id each") {
  FieldPlan plan;
  const TypeId login = plan.add_type("login");
  CHECK(plan.add_type("login") == login);
  CHECK(plan.add_type("logout") != login);
  CHECK(plan.type_id("login") == login);
  CHECK(plan.type(login).name == "login");
  const FieldId owner = plan.add_field("account.owner");
  CHECK(plan.add_field("account.owner") == owner);
  CHECK(plan.field(owner).segments == std::vector<std::string>{"account", "owner"});
}

TEST_CASE("slots are given in the order of reading, once") {
  FieldPlan plan;
  const TypeId login = plan.add_type("login");
  const TypeId logout = plan.add_type("logout");
  const FieldId user = plan.add_field("user");
  const FieldId ip = plan.add_field("ip");
  plan.read(login, ip);
  plan.read(login, user);
  plan.read(login, ip);
  plan.read(login, kTsField);
  plan.finish();
  CHECK(plan.type(login).fields == std::vector<FieldId>{ip, user});
  CHECK(plan.type(login).slot_of[user] == 1);
  CHECK(plan.type(logout).fields.empty());
  CHECK_FALSE(plan.reads_other());
  plan.set_reads_other();
  CHECK(plan.reads_other());
}

TEST_CASE("a type finds the slots of many fields, near and far") {
  FieldPlan plan;
  const TypeId login = plan.add_type("login");
  std::vector<FieldId> read;
  for (int i = 0; i < 3000; ++i) {
    const FieldId field = plan.add_field("f" + std::to_string(i));
    if (i % 7 != 3 && i % 256 >= 40) continue;
    plan.read(login, field);
    read.push_back(field);
  }
  CHECK(plan.type(login).fields == read);
  std::size_t slot = 0;
  for (FieldId field = 0; field < plan.field_count(); ++field) {
    const bool is_read = slot < read.size() && read[slot] == field;
    REQUIRE(plan.type(login).slot_of[field] == (is_read ? slot : kNoSlot));
    slot += is_read ? 1 : 0;
  }
  CHECK(plan.type(kOtherType).slot_of[read[0]] == kNoSlot);
}

TEST_CASE("what every type is to hold, every type holds") {
  FieldPlan plan;
  const TypeId login = plan.add_type("login");
  const FieldId user = plan.add_field("user");
  const FieldId ip = plan.add_field("ip");
  plan.read(login, ip);
  plan.read(kOtherType, user);
  plan.finish();
  CHECK(plan.type(login).fields == std::vector<FieldId>{ip, user});
  CHECK(plan.type(kOtherType).fields == std::vector<FieldId>{user});
}

TEST_CASE("an event finds its fields by the plan") {
  FieldPlan plan;
  const TypeId login = plan.add_type("login");
  const FieldId user = plan.add_field("user");
  const FieldId ip = plan.add_field("ip");
  const FieldId late = plan.add_field("late");
  plan.read(login, ip);
  const std::array slots{Value::string("10.0.0.1")};
  Event event;
  event.type = login;
  event.type_name = "login";
  event.ts = {77};
  event.plan = &plan.type(login);
  event.slots = slots.data();
  CHECK(event.get(kTsField).as_timestamp().ns == 77);
  CHECK(event.get(kTypeField).as_string() == "login");
  CHECK(event.get(ip).as_string() == "10.0.0.1");
  CHECK(event.get(user).is_null());
  CHECK(event.get(late).is_null());
}

}  // namespace
}  // namespace weir
