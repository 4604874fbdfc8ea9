// The process that is killed: a host that takes the actions of a fixed story, batch by batch, and
// sends mail to the sink.
#pragma once

#include <cstdint>
#include <string>

namespace winback::crash {

constexpr int actions_per_customer = 5;
constexpr int batch_actions = 50;  // Whole customers.
constexpr int batches_in_flight = 3;
constexpr int messages_in_flight = 20;

struct ChildOptions {
    std::string folder;
    std::uint16_t smtp_port = 0;
    int first_batch = 0;  // The first that was not acknowledged.
    int batch_count = 0;
    bool finish = false;  // Send everything, print what became of everybody, end cleanly.
};

// Prints "ack N" when batch N is durable. With `finish`, then one line for each customer and
// message: "customer ID ORDERS VIEWS", "message KEY STATE", "in_doubt KEY", and "end".
int run_child(const ChildOptions& options);

std::string user_id(int customer);

}  // namespace winback::crash
