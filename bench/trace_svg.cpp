#include "trace_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>

namespace warmstart::detail {
namespace {

constexpr int LEFT = 130;  // in pixels, like the constants below
constexpr int WIDTH = 1000;
constexpr int ROW = 16;
constexpr int TOP = 54;

struct work_colour {
  traced_work work;
  const char* colour;
};
constexpr std::array COLOURS = {
    work_colour{traced_work::read, "#4878a8"},   work_colour{traced_work::check, "#8fb0d0"},
    work_colour{traced_work::copy, "#7a68a6"},   work_colour{traced_work::hold, "#d9d9d9"},
    work_colour{traced_work::submit, "#555555"}, work_colour{traced_work::upload, "#3a8a5a"},
    work_colour{traced_work::kernel, "#c0504d"}, work_colour{traced_work::relay, "#e09040"},
    work_colour{traced_work::fill, "#b0a040"}};

const char* colour_of(traced_work what) {
  const auto found = std::find_if(COLOURS.begin(), COLOURS.end(),
                                  [&](const work_colour& one) { return one.work == what; });
  return found == COLOURS.end() ? nullptr : found->colour;  // waits are not drawn
}

class picture {
 public:
  explicit picture(const load_trace& trace) : trace_(trace) {
    for (const trace_lane& lane : trace.lanes) {
      for (const trace_event& event : lane.events) {
        if (colour_of(event.work) == nullptr) continue;
        seen_.insert(event.work);
        begin_ = std::min(begin_, event.begin);
        end_ = std::max(end_, event.end);
      }
    }
    if (end_ <= begin_) begin_ = end_ - 1;
  }

  std::string draw(const std::string& title) {
    const auto rows = static_cast<int>(trace_.lanes.size());
    const int height = TOP + rows * ROW + 30;
    fmt::format_to(to_,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" "
                   "font-family=\"sans-serif\" font-size=\"11\">\n"
                   "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
                   "<text x=\"10\" y=\"18\" font-size=\"14\">{}</text>\n",
                   LEFT + WIDTH + 20, height, title);
    draw_legend();
    for (int row = 0; row < rows; ++row)
      draw_lane(trace_.lanes[static_cast<std::size_t>(row)], row);
    draw_axis(TOP + rows * ROW);
    return text_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double x(double seconds) const {
    return LEFT + (seconds - begin_) / (end_ - begin_) * WIDTH;
  }

  void draw_legend() {
    int at = LEFT;
    for (const work_colour& one : COLOURS) {
      if (!seen_.contains(one.work)) continue;
      fmt::format_to(to_,
                     "<rect x=\"{}\" y=\"30\" width=\"10\" height=\"10\" fill=\"{}\"/>"
                     "<text x=\"{}\" y=\"39\">{}</text>\n",
                     at, one.colour, at + 14, to_string(one.work));
      at += 75;
    }
  }

  void draw_lane(const trace_lane& lane, int row) {
    const int y = TOP + row * ROW;
    const std::string name =
        lane.group == "readers" || lane.group == "slots" || lane.group == "driver"
            ? lane.name
            : lane.group + " " + lane.name;
    fmt::format_to(to_, "<text x=\"10\" y=\"{}\">{}</text>\n<g>\n", y + ROW - 4, name);
    for (const trace_event& event : lane.events) {
      if (const char* colour = colour_of(event.work)) {
        fmt::format_to(to_,
                       "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"/>\n",
                       x(event.begin), y + 2, std::max(x(event.end) - x(event.begin) - 0.4, 0.3),
                       ROW - 4, colour);
      }
    }
    fmt::format_to(to_, "</g>\n");
  }

  void draw_axis(int y) {
    constexpr int TICKS = 5;
    for (int i = 0; i <= TICKS; ++i) {
      const double seconds = (end_ - begin_) * i / TICKS;
      fmt::format_to(to_,
                     "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#999999\" "
                     "stroke-width=\"0.5\"/><text x=\"{0:.1f}\" y=\"{3}\" "
                     "text-anchor=\"middle\">{4:.2f} s</text>\n",
                     x(begin_ + seconds), TOP, y, y + 16, seconds);
    }
  }

  const load_trace& trace_;
  std::set<traced_work> seen_;
  double begin_ = INFINITY;
  double end_ = 0;
  std::string text_;
  std::back_insert_iterator<std::string> to_{text_};
};

}  // namespace

std::string to_svg(const load_trace& trace, const std::string& title) {
  return picture(trace).draw(title);
}

}  // namespace warmstart::detail
