// Puts the body of one request into files while it arrives. Internal to RequestParser.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/multipart.h"
#include "http/request.h"
#include "http/response.h"
#include "http/upload.h"

namespace winback::http {

class BodyReceiver final : private PartSink {
public:
    // `request` has its head; it outlives the receiver, which fills uploads and form.
    BodyReceiver(Request& request, std::shared_ptr<UploadFolder> folder)
        : request_(request), folder_(std::move(folder)) {}

    // Each gives the answer when the body cannot be taken; nothing is called afterwards.
    // `announced`: the body's length, 0 when unknown.
    std::optional<Response> begin(std::uint64_t announced);
    std::optional<Response> add_bytes(std::string_view bytes);
    std::optional<Response> finish();

private:
    Status start(std::uint64_t announced);
    Status open_file(PartHead head);
    Status begin_part(PartHead head) override;
    Status add(std::string_view bytes) override;
    Status end_part() override;

    Request& request_;
    const std::shared_ptr<UploadFolder> folder_;
    std::optional<MultipartReader> form_;
    std::shared_ptr<Upload> file_;
    PartHead part_;
    std::size_t form_bytes_ = 0;
    std::string value_;
};

}  // namespace winback::http
