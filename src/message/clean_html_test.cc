// What a body may not do, whatever it holds: run, load, or reach out of its card.
#include "message/clean_html.h"

#include <gtest/gtest.h>

#include "message/clean_style.h"
#include "message/html_scan.h"

namespace winback::message {
namespace {

using Cases = std::vector<std::pair<const char*, const char*>>;

void expect_cleaned(const Cases& cases) {
    for (const auto& [html, expected] : cases) {
        EXPECT_EQ(clean_html(html), expected) << html;
        EXPECT_EQ(clean_html(expected), expected) << html;
    }
}

TEST(CleanHtml, KeepsWhatLettersNeed) {
    for (
        const char* html :
        {"<p class=\"a\">Hi &amp; <b>you</b> &eacute; \"x\" 1 > 0</p>",
         "<a class=\"button\" href=\"https://a.test/?x=1&amp;y=2\" target=\"_blank\">x</a>",
         "<a href=\"#top\">x</a><a href=\"mailto:a@b.test\">m</a><a href=\"tel:+44\">t</a>",
         "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\"><tr><td align=\"center\" "
         "bgcolor=\"#fff\" style=\"padding:4px "
         "8px;mso-line-height-rule:exactly\">x</td></tr></table>",
         "<table><thead><tr><th scope=\"col\">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody>"
         "</table>",
         "<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>",
         "<ul><li>a</li><li>b<ol start=\"3\"><li>c</li></ol></li></ul><hr>",
         "<img src=\"https://a.test/i.png\" alt=\"A &quot;b&quot;\" width=\"10\"><br>",
         "<img src=\"cid:logo\" alt=\"\">", "<h1>a</h1><h2>b</h2><blockquote><p>c</p></blockquote>",
         "<span style=\"color:#c00;font-weight:bold\" lang=\"fa\" dir=\"rtl\"><bdi>x</bdi></span>",
         "<a href=\"https://a.test/\"><table><tr><td>x</td></tr></table></a>",
         "<a href=\"https://a.test/\"><div><p>x</p></div></a>", "<td-x aria-label=\"y\">z</td-x>",
         "<p data-x=\"1\">x<sup>2</sup> <del>y</del></p>",
         "<center><font color=\"red\">x</font></center>"}) {
        EXPECT_EQ(clean_html(html), html);
    }
}

TEST(CleanHtml, LetsLinksAndPicturesLeadOnlyWhereTheyMay) {
    expect_cleaned({
        {"<a href=\"javascript:alert(1)\">x</a>", "<a href=\"#\">x</a>"},
        {"<a href='java&#115;cript:alert(1)'>x</a>", "<a href=\"#\">x</a>"},
        {"<a href=\"javascript&colon;alert(1)\">x</a>", "<a href=\"#\">x</a>"},
        {"<A HREF=javascript:alert(1)>x</A>", "<a href=\"#\">x</a>"},
        {"<a href=\"https://a.test\" href=\"javascript:x\">x</a>",
         "<a href=\"https://a.test\">x</a>"},
        {"<a href=https://a.test/?a=1&b=2 ping=https://evil.test>x</a>",
         "<a href=\"https://a.test/?a=1&amp;b=2\">x</a>"},
        {"<a xlink:href=\"javascript:x\">x</a>", "<a>x</a>"},
        {"<img src=\"javascript:x\" alt=\"y\">", "<img alt=\"y\">"},
        {"<img src=\"https://a.test/i.png\" onerror=\"x()\">",
         "<img src=\"https://a.test/i.png\">"},
        {"<img/src=data:image/svg+xml,x/onerror=x()>", "<img>"},
        {"<img\vonerror=x() alt=y>", " "},
        {"<a href=\"javascript:x", ""},
        {"<p style=\"background:url(javascript:x)\">x</p>", "<p>x</p>"},
    });
}

TEST(CleanHtml, DropsWhatRunsWithItsContent) {
    expect_cleaned({
        {"a<script>alert(1)</script>b", "a b"},
        {"a<SCRIPT>if (a</script/x>b", "a b"},
        {"a<script>x</scriptx></script >b", "a b"},
        {"<scr<script>x</script>ipt>y", " xipt>y"},
        {"<<base>script>x", "&lt; script>x"},
        {"a<svg><a><animate attributeName=\"href\" values=\"javascript:x\"/></a></svg>b", "a b"},
        {"a<math><mi>x</mi></math>b", "a b"},
        {"<animate><set><link rel=stylesheet href=https://a.test/><meta><base>x", "     x"},
        {"<textarea><a title=\"</textarea><script>alert(1)</script>\">x", "  \">x"},
        {"<title><p title=\"</title><img src=x onerror=x()>\">", " <img>\">"},
        {"<noscript><p title=\"</noscript><img onerror=x()>\">", " <img>\">"},
        {"<xmp><b></xmp>x<iframe src=\"https://a.test\"><p></iframe>y", " x y"},
        {"a<plaintext>b</plaintext>c", "a "},
        {"<form action=\"https://a.test\"><button formaction=\"javascript:x\">go</button></form>",
         "  go"},
        {"<v:rect onclick=x()>x</v:rect><o:p></o:p>", " x "},
    });
}

TEST(CleanHtml, EndsCommentsWhereBrowsersDo) {
    expect_cleaned({
        {"<!--><script>alert(1)</script><img src=x onerror=x()><a href=\"https://a.test\">V</a>-->",
         " <img><a href=\"https://a.test\">V</a>-->"},
        {"<!---><b>x</b>-->", "<b>x</b>-->"},
        {"<!-- a --!><b>x</b>-->", "<b>x</b>-->"},
        {"<!-- a <!-- b --><b>x</b>-->", "<b>x</b>-->"},
        {"<!----!><b>x</b>", "<b>x</b>"},
        {"<!-- never closed <b>x", ""},
        {"<!--[if mso]><div><![endif]-->x<!--[if !mso]><!-->y<!--<![endif]-->", "xy"},
        {"<![CDATA[<b>x]]>y</b>", "x]]>y"},
        {"<?php <b>x", "x"},
        {"</ x>y<!doctype html>z", "yz"},
    });
}

TEST(CleanHtml, ClosesWhatItOpensAndNothingElse) {
    expect_cleaned({
        {"</div></div></td></table></body></html><div>x", "<div>x</div>"},
        {"x</div><details><div>", "x <div></div>"},
        {"<dialog><div>x", " <div>x</div>"},
        {"<select><p>x", " <p>x</p>"},
        {"<noframes>x", " "},
        {"<noembed>x", " "},
        {"<style>.page > div:last-child{display:none}</style>x", " x"},
        {"<template>x</template>y<object>z", " y z"},
        {"<html><head><title>t</title><style>a{}</style></head><body><p>x</p></body></html>",
         "     <p>x</p>"},
        {"<b><i>x</b>y</i>z", "<b><i>x</i></b>yz"},
        {"<p>a<p>b<div>c</p>d", "<p>a</p><p>b</p><div>cd</div>"},
        {"<ul><li>a<li><div>b<li>c</div></ul>",
         "<ul><li>a</li><li><div>b</div></li><li>c</li></ul>"},
        {"<dl><dt>a<dd>b<dt>c", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"},
        {"<h1>a<h2>b</h1>c", "<h1>a</h1><h2>b</h2>c"},
        {"<a href=\"#a\">x<a href=\"#b\">y", "<a href=\"#a\">x</a><a href=\"#b\">y</a>"},
        {"<span><div></span>x</div>", "<span><div>x</div></span>"},
        {"<p>x</br>y</p></p>", "<p>xy</p>"},
        {"1 < 2 <", "1 &lt; 2 &lt;"},
        {"a&#82<!-- -->38;b&l<!-- -->t;<<!-- -->b>", "a b&lt;&lt;b>"},
        {"a\u202eb&#8238;c&#x2067;d\u2066", "ab c d"},
    });
    EXPECT_EQ(clean_html(std::string_view("a\0b", 3)), "ab");
}

TEST(CleanHtml, BuildsTablesAsBrowsersDo) {
    expect_cleaned({
        {"<td>x</td>", "x"},
        {"<tr><table><td>x", "<table><tr><td>x</td></tr></table>"},
        {"<table><tr><td><div>a<tr><td>b</div></table>",
         "<table><tr><td><div>a</div></td></tr><tr><td>b</td></tr></table>"},
        {"<table><tr><td></div></td></table>x", "<table><tr><td></td></tr></table>x"},
        {"<div><table><tr><td></div>x</table>y", "<div><table><tr><td>x</td></tr></table>y</div>"},
        {"<table><tr><table>x", "<table><tr></tr></table><table>x</table>"},
        {"<table><col><tbody><col width=\"1\"><td>x",
         "<table><col><tbody></tbody><col width=\"1\"><tr><td>x</td></tr></table>"},
        {"<p>a<table><tr><td><p>b</table>c", "<p>a</p><table><tr><td><p>b</p></td></tr></table>c"},
    });
}

TEST(CleanHtml, BoundsItsDepth) {
    std::string deep;
    for (int i = 0; i < 5000; ++i) {
        deep += "<div><table><td>";
    }
    HtmlScanner scanner(deep = clean_html(deep));
    HtmlPiece piece;
    std::size_t depth = 0;
    while (scanner.next(piece)) {
        depth += piece.kind == HtmlPiece::Kind::Open ? 1 : 0;
        depth -= piece.kind == HtmlPiece::Kind::Close ? 1 : 0;
        ASSERT_LE(depth, html_depth_max);
    }
    EXPECT_EQ(depth, 0U);
}

TEST(CleanStyle, KeepsABoxInItsPlace) {
    const Cases cases{
        {"color: red; FONT-SIZE:14px", "color:red;font-size:14px"},
        {"margin:0 auto;padding:4px;width:calc(100% - 20px)",
         "margin:0 auto;padding:4px;width:calc(100% - 20px)"},
        {"background:#fff url('https://a.test/b.png') no-repeat",
         "background:#fff url('https://a.test/b.png') no-repeat"},
        {"font-family:'Segoe UI',Arial !important", "font-family:'Segoe UI',Arial !important"},
        {"color/**/:/* ; */red;/*x*/width:1px", "color:red;width:1px"},
        {"position:absolute;left:-9999px;top:0;z-index:9", ""},
        {"position:fixed;inset:0", ""},
        {"po\\73ition:fixed", ""},
        {"position/**/:fixed;po/**/sition:fixed;\tposition\n:\ffixed", ""},
        {"margin-bottom:-500px;margin:calc(0px - 9px)", ""},
        {"transform:scale(99);translate:0 9px;zoom:9;filter:blur(1px);animation:x 1s", ""},
        {"box-shadow:0 0 0 999px #fff;outline:999px solid #fff;text-shadow:0 99px #fff", ""},
        {"background:url(https://a.test/\" );position:fixed;\")", ""},
        {"background:url(data:x);background:url(//a.test);background:URL( javascript:x)", ""},
        {"width:expression(alert(1));behavior:url(x.htc);-moz-binding:url(https://a.test)", ""},
        {"background:image-set('https://a.test' 1x);color:var(--x)", ""},
        {"color:red}body{display:none", ""},
        {"color:(;width:1px", "width:1px"},
        {"color:\"red;position:fixed", ""},
        {"color:red;/* position:fixed", "color:red"},
        {"mso-element:frame;mso-hide:all", "mso-hide:all"},
        {"color:;:red;x", ""},
    };
    for (const auto& [style, expected] : cases) {
        EXPECT_EQ(clean_style(style), expected) << style;
        EXPECT_EQ(clean_style(expected), expected) << style;
    }
    EXPECT_EQ(clean_html("<p style=\"position&colon;fixed;color:r&bsol;65d;width:1px\">x</p>"),
              "<p style=\"color:r&amp;bsol;width:1px\">x</p>");
}

}  // namespace
}  // namespace winback::message
