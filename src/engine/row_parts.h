// The parts of a customer's row that the engine adds to the customer's own: docs/design/rows.md.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "engine/shard.h"

namespace winback::engine {

void write_messages(ByteWriter& out, const std::vector<MessageRecord>& records);
std::vector<MessageRecord> read_messages(ByteReader& in);
void write_enrollments(ByteWriter& out, const std::vector<journey::Enrollment>& entries);
std::vector<journey::Enrollment> read_enrollments(ByteReader& in);

}  // namespace winback::engine
