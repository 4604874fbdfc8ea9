#include "http/body_receiver.h"

#include <utility>

#include "base/strings.h"

namespace winback::http {
namespace {

std::optional<Response> refusal_of(const Status& status) {
    if (status) {
        return std::nullopt;
    }
    const Error& why = status.error();
    if (why.code == ErrorCode::InvalidArgument) {
        return error(400, "bad_form", why.message);
    }
    if (why.code == ErrorCode::LimitExceeded) {
        return error(413, "too_large", why.message);
    }
    Response response = error(503, "unavailable", why.message);
    response.add("Retry-After", "60");
    return response;
}

}  // namespace

std::optional<Response> BodyReceiver::begin(std::uint64_t announced) {
    const std::string* encoding = request_.header("content-encoding");
    if (encoding != nullptr && !equals_ignoring_case(trim(*encoding), "identity")) {
        return error(415, "unsupported_encoding", "files are taken without a Content-Encoding");
    }
    return refusal_of(start(announced));
}

Status BodyReceiver::start(std::uint64_t announced) {
    if (Status room = folder_->room_for(announced); !room) {
        return room;
    }
    const std::string* type = request_.header("content-type");
    const std::string_view content_type = type == nullptr ? std::string_view() : *type;
    Result<std::optional<std::string>> boundary = multipart_boundary(content_type);
    if (!boundary) {
        return boundary.error();
    }
    if (*boundary) {
        form_.emplace(**boundary, static_cast<PartSink&>(*this));
        return Ok{};
    }
    return open_file({.is_file = true, .content_type = std::string(content_type)});
}

Status BodyReceiver::open_file(PartHead head) {
    if (request_.uploads.size() >= upload_files_max) {
        return Error{ErrorCode::LimitExceeded,
                     "the form has more than " + std::to_string(upload_files_max) + " files"};
    }
    WINBACK_TRY(file_, Upload::make(folder_));
    file_->field = std::move(head.name);
    file_->filename = std::move(head.filename);
    file_->content_type = std::move(head.content_type);
    return Ok{};
}

Status BodyReceiver::begin_part(PartHead head) {
    part_ = std::move(head);
    value_.clear();
    form_bytes_ += part_.name.size();
    return Ok{};
}

Status BodyReceiver::add(std::string_view bytes) {
    if (!part_.is_file) {
        form_bytes_ += bytes.size();
        if (form_bytes_ > form_bytes_max) {
            return Error{ErrorCode::LimitExceeded, "the fields of the form hold more than " +
                                                       std::to_string(form_bytes_max) + " bytes"};
        }
        value_ += bytes;
        return Ok{};
    }
    if (file_ == nullptr) {
        if (Status opened = open_file(part_); !opened) {
            return opened;
        }
    }
    return file_->add(bytes);
}

Status BodyReceiver::end_part() {
    if (!part_.is_file) {
        if (!is_valid_utf8(value_)) {
            return Error{ErrorCode::InvalidArgument,
                         "the form is not well-formed: a field is not UTF-8"};
        }
        request_.form.emplace_back(std::move(part_.name), std::move(value_));
        return Ok{};
    }
    // A browser sends an empty part without a name when no file was chosen.
    if (file_ == nullptr && part_.filename.empty()) {
        return Ok{};
    }
    if (file_ == nullptr) {
        if (Status opened = open_file(part_); !opened) {
            return opened;
        }
    }
    Status done = file_->finish();
    request_.uploads.push_back(std::exchange(file_, nullptr));
    return done;
}

std::optional<Response> BodyReceiver::add_bytes(std::string_view bytes) {
    return refusal_of(form_ ? form_->feed(bytes) : file_->add(bytes));
}

std::optional<Response> BodyReceiver::finish() {
    if (form_) {
        return refusal_of(form_->finish());
    }
    Status done = file_->finish();
    request_.uploads.push_back(std::exchange(file_, nullptr));
    return refusal_of(done);
}

}  // namespace winback::http
