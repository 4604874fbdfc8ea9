// Fills a Request while its bytes arrive. Internal to connection.cc: the one place that sees
// Beast's parser, which splits the bytes; what is acceptable is decided here.
//
// Limits are checked before anything is stored: fields as they come (Beast's own limit counts
// only what it could not consume yet), the body's length as soon as it is announced.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/strings.h"
#include "http/body_receiver.h"
#include "http/framing.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/server.h"
#include "http/unpack.h"

namespace winback::http {

class RequestParser : public boost::beast::http::basic_parser<true> {
public:
    using ErrorCodeType = boost::system::error_code;
    using Text = boost::beast::string_view;

    // Without `uploads` routes that take files refuse their bodies.
    RequestParser(const Router& router,
                  const ServerOptions& options,
                  std::shared_ptr<UploadFolder> uploads = nullptr)
        : router_(router), options_(options), uploads_(std::move(uploads)) {
        eager(true);
        body_limit(boost::none);  // Ours depends on the route; see on_header_impl.
        header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    }

    Request& request() { return request_; }
    Router::Match& match() { return match_; }
    bool http_1_0() const { return http_1_0_; }
    bool takes_gzip() const { return takes_gzip_; }
    bool expects_continue() const { return expects_continue_; }
    std::uint64_t body_bytes() const { return body_bytes_; }  // As they came so far.
    // The answer to a request that was refused by us rather than by Beast.
    std::optional<Response>& refusal() { return refusal_; }

private:
    void refuse(int status, std::string_view code, std::string_view message, ErrorCodeType& ec) {
        refusal_ = error(status, code, message);
        ec = boost::beast::http::error::bad_value;
    }

    void refuse_body(ErrorCodeType& ec) {
        refuse(413, "too_large",
               "the body is larger than " + std::to_string(body_limit_) + " bytes", ec);
    }

    void count_head(std::size_t bytes, ErrorCodeType& ec) {
        head_bytes_ += bytes;
        if (head_bytes_ > options_.header_bytes_max) {
            ec = boost::beast::http::error::header_limit;
        }
    }

    void on_request_impl(boost::beast::http::verb /*verb*/,
                         Text method,
                         Text target,
                         int version,
                         ErrorCodeType& ec) override {
        request_.method.assign(method.data(), method.size());
        request_.target.assign(target.data(), target.size());
        http_1_0_ = version < 11;
        count_head(method.size() + target.size() + 12, ec);
    }

    void on_response_impl(int /*code*/, Text /*reason*/, int /*version*/, ErrorCodeType&) override {
    }

    void on_field_impl(boost::beast::http::field kind,
                       Text name,
                       Text value,
                       ErrorCodeType& ec) override {
        using boost::beast::http::field;
        count_head(name.size() + value.size() + 4, ec);
        if (head_done_ || ec) {
            return;  // Trailers are counted and dropped: nothing of ours reads them.
        }
        const std::string_view text(value.data(), value.size());
        if (kind == field::host) {
            ++host_count_;
        } else if (kind == field::transfer_encoding) {
            only_chunked_ = only_chunked_ && equals_ignoring_case(trim(text), "chunked");
        } else if (kind == field::expect) {
            expects_continue_ = equals_ignoring_case(trim(text), "100-continue");
        } else if (kind == field::accept_encoding) {
            takes_gzip_ = accepts_gzip(text);
        }
        request_.headers.emplace_back(std::string(name.data(), name.size()), text);
    }

    // The query stays undecoded here; a mistake in it is no reason to close the connection.
    void on_header_impl(ErrorCodeType& ec) override {
        head_done_ = true;
        if (host_count_ > 1 || (host_count_ == 0 && !http_1_0_)) {
            refuse(400, "bad_request", "exactly one Host field is required", ec);
            return;
        }
        if (!only_chunked_) {
            refuse(400, "bad_request", "the only Transfer-Encoding taken is chunked", ec);
            return;
        }
        match_ = router_.match(request_.method, raw_path_of(request_.target));
        body_limit_ = options_.body_bytes_max;
        if (match_.route != nullptr && match_.route->options.file_bytes_max != 0) {
            body_limit_ = std::min(match_.route->options.file_bytes_max, upload_bytes_max);
        } else if (match_.route != nullptr && match_.route->options.body_bytes_max != 0) {
            body_limit_ = match_.route->options.body_bytes_max;
        }
        const boost::optional<std::uint64_t> length = content_length();
        if (length && *length > body_limit_) {
            refuse_body(ec);
        } else if (match_.route != nullptr && match_.route->options.file_bytes_max != 0) {
            begin_files(length ? *length : 0, ec);
        }
    }

    void refuse_with(std::optional<Response> refusal, ErrorCodeType& ec) {
        if (refusal) {
            refusal_ = std::move(refusal);
            ec = boost::beast::http::error::bad_value;
        }
    }

    void begin_files(std::uint64_t length, ErrorCodeType& ec) {
        std::optional<Response> refusal = unpack_target(request_);
        request_.params = match_.params;
        const RouteOptions& route = match_.route->options;
        if (!refusal && route.admit) {
            refusal = route.admit(request_);
        }
        if (!refusal && uploads_ == nullptr) {
            refusal = error(503, "unavailable", "this server takes no files");
        }
        if (!refusal) {
            announced_ = length;
            receiver_ = std::make_unique<BodyReceiver>(request_, uploads_);
            refusal = receiver_->begin(length);
        }
        refuse_with(std::move(refusal), ec);
    }

    void take_file_bytes(std::string_view bytes, ErrorCodeType& ec) {
        constexpr std::uint64_t progress_step = std::uint64_t{1} << 20U;
        refuse_with(receiver_->add_bytes(bytes), ec);
        const RouteOptions& route = match_.route->options;
        if (!ec && route.on_progress && body_bytes_ - reported_ >= progress_step) {
            reported_ = body_bytes_;
            route.on_progress(request_, body_bytes_, announced_);
        }
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           ErrorCodeType& /*ec*/) override {
        constexpr std::uint64_t reserve_max = std::uint64_t{1024} * 1024;
        if (length && receiver_ == nullptr) {
            request_.body.reserve(static_cast<std::size_t>(std::min(*length, reserve_max)));
        }
    }

    std::size_t on_body_impl(Text body, ErrorCodeType& ec) override {
        if (body.size() > body_limit_ - body_bytes_) {
            refuse_body(ec);
            return 0;
        }
        body_bytes_ += body.size();
        if (receiver_ != nullptr) {
            take_file_bytes({body.data(), body.size()}, ec);
        } else {
            request_.body.append(body.data(), body.size());
        }
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, Text /*extensions*/, ErrorCodeType& ec) override {
        if (size > body_limit_ - body_bytes_) {
            refuse_body(ec);
        }
    }

    std::size_t on_chunk_body_impl(std::uint64_t /*left*/, Text body, ErrorCodeType& ec) override {
        return on_body_impl(body, ec);
    }

    void on_finish_impl(ErrorCodeType& ec) override {
        if (receiver_ != nullptr) {
            refuse_with(receiver_->finish(), ec);
        }
    }

    const Router& router_;
    const ServerOptions& options_;
    Request request_;
    Router::Match match_;
    std::optional<Response> refusal_;
    std::size_t head_bytes_ = 0;
    std::shared_ptr<UploadFolder> uploads_;
    std::unique_ptr<BodyReceiver> receiver_;  // Of routes that take files.
    std::uint64_t body_limit_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t announced_ = 0;
    std::uint64_t reported_ = 0;  // Of body_bytes_.
    int host_count_ = 0;
    bool head_done_ = false;
    bool http_1_0_ = false;
    bool only_chunked_ = true;
    bool takes_gzip_ = false;
    bool expects_continue_ = false;
};

}  // namespace winback::http
