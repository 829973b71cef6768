#include "tests/support/sim/law.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace outrigger::sim {

Law Law::plus(Duration extra, double share) const {
  Law law = *this;
  law.extra_ = extra;
  law.extraShare_ = share;
  return law;
}

Law Law::times(double factor) const {
  Law law = *this;
  law.factor_ *= factor;
  return law;
}

Duration Law::draw(Rng& rng) const {
  double nanoseconds = drawPlain(rng);
  if (extraShare_ > 0 && rng.chance(extraShare_)) nanoseconds += static_cast<double>(extra_.count());
  return Duration(static_cast<int64_t>(nanoseconds * factor_));
}

double Law::drawPlain(Rng& rng) const {
  const auto a = static_cast<double>(a_.count());
  const double unit = 1 - rng.unit();  // (0, 1]
  switch (kind_) {
    case Kind::Uniform: return static_cast<double>(rng.between(a_, b_).count());
    case Kind::Exponential: return -a * std::log(unit);
    case Kind::Bimodal: return unit <= shape_ ? static_cast<double>(b_.count()) : a;
    case Kind::Pareto: return a * std::min(std::pow(unit, -1 / shape_), 1e4);
    case Kind::Lognormal: break;
  }
  // Box and Muller (1958); the second value of the pair is not kept, so that draws do not depend on one another.
  const double normal = std::sqrt(-2 * std::log(unit)) * std::cos(2 * std::numbers::pi * rng.unit());
  return a * std::exp(shape_ * normal);
}

}  // namespace outrigger::sim
