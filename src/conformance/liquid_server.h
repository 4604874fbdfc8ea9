// The JSON-RPC by which Shopify/liquid-spec judges an implementation in a process of its own.
//
// One request per line, one answer per line: `initialize`, `compile`, `render`, and the
// notification `quit`. Source: docs/json-rpc-protocol.md of Shopify/liquid-spec. A mistake of the
// protocol is answered with a JSON-RPC error; a mistake of a template is a result that holds
// `error`. Escaping is off and the zone is UTC.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "template/template.h"

namespace winback::conformance {

constexpr std::size_t request_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t templates_max = 100'000;  // Compiled and kept; then the oldest goes.

class LiquidServer {
public:
    explicit LiquidServer(Timestamp now) : now_(now) {}

    // The answer to one line, without a line end; empty when it wants none.
    std::string answer(std::string_view line);
    bool is_done() const { return done_; }

private:
    struct Compiled {
        liquid::ProgramPtr program;
        std::shared_ptr<const liquid::Snippets> snippets;
    };
    struct Call;

    void dispatch(Call& call, const std::string& method);
    void initialize(Call& call);
    void compile(Call& call);
    void render(Call& call);
    // The template that the call names; null, and a fault, when there is none.
    const Compiled* find(Call& call) const;

    Timestamp now_;
    std::map<std::uint64_t, Compiled> templates_;
    std::uint64_t last_id_ = 0;
    bool done_ = false;
};

}  // namespace winback::conformance
