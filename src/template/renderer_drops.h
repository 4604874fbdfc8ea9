// The objects of loops and `self`, whose members are computed when they are read.
#pragma once

#include "template/renderer.h"

namespace winback::liquid {

// `forloop` and `tablerowloop`.
class Renderer::LoopDrop : public Drop {
public:
    LoopDrop(std::string_view name, std::int64_t count, const LoopDrop* parent)
        : name_(name), count_(count), parent_(parent) {}
    // A tablerow's.
    LoopDrop(std::int64_t count, std::int64_t columns)
        : count_(count), columns_(columns), is_table_(true) {}

    Datum member(std::string_view name) const override;
    std::string_view class_name() const override {
        return is_table_ ? "Liquid::TablerowloopDrop" : "Liquid::ForloopDrop";
    }

    void advance();
    std::int64_t column() const { return column_; }
    std::int64_t row() const { return row_; }
    bool is_last() const { return index_ == count_ - 1; }
    bool is_last_column() const { return column_ == columns_; }

    mutable bool held = false;  // The template got hold of the object itself.

private:
    Datum table_member(std::string_view name) const;

    std::string_view name_;
    std::int64_t count_ = 0;
    std::int64_t index_ = 0;
    const LoopDrop* parent_ = nullptr;
    std::int64_t columns_ = 0;
    std::int64_t row_ = 1;
    std::int64_t column_ = 1;
    bool is_table_ = false;
};

// `self`: the variables of a scope by name.
class Renderer::SelfDrop : public Drop {
public:
    SelfDrop(Renderer& renderer, Scope& scope) : renderer_(renderer), scope_(scope) {}

    Datum member(std::string_view name) const override {
        return renderer_.variable_named(scope_, name);
    }
    std::string_view class_name() const override { return "Liquid::SelfDrop"; }

private:
    Renderer& renderer_;
    Scope& scope_;
};

}  // namespace winback::liquid
