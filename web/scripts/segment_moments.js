// The moments of a line: so long ago, a date and a time of the workspace's zone, or what a trait
// says.
//
// `window.winback_moments` is what segment_values.js and segment_lines.js use. A moment that was
// read is written as it was, as long as it says the date and time that the fields say.
(() => {
  'use strict';
  const is_map = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const only = (map, keys) => Object.keys(map).every((key) => keys.includes(key));
  const is_one = (value, key) => (
    is_map(value) && only(value, [key]) && typeof value[key] === 'string');

  const span_fields = (text) => {
    const parts = /^([1-9]\d{0,5})(mo|[mhdwy])$/.exec(typeof text === 'string' ? text : '');
    return parts && { number: parts[1], unit: parts[2] };
  };
  const span_in = (value, key) => (is_one(value, key) ? span_fields(value[key]) : null);
  const span_of = (number, unit) => (/^[1-9]\d{0,5}$/.test(number) ? number + unit : null);

  // The workspace's clock ----------------------------------------------------------------------

  const clock_of = (zone) => new Intl.DateTimeFormat('en-US', {
    timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
    year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  // Of a zone that the browser does not know no moment is read, so that none is changed.
  const clock = (() => {
    const zone = document.getElementById('rows')?.dataset.zone;
    try {
      return zone ? clock_of(zone) : null;
    } catch {
      return null;
    }
  })();
  // What the clock shows at a moment, as if it were UTC.
  const wall_at = (moment) => {
    const { year, month, day, hour, minute, second } = Object.fromEntries(
      clock.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const minute_ms = 60000;
  const offset_at = (moment) => wall_at(moment) - moment;

  const zone_form = '(?:Z|[+-]\\d{2}:\\d{2})';
  const date_form = new RegExp(
    String.raw`^[12]\d{3}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.0+)?)?${zone_form})?$`);
  const date_fields = (written) => {
    const moment = clock && date_form.test(written) ? Date.parse(written) : NaN;
    if (Number.isNaN(moment)) return null;
    const wall = wall_at(moment);
    if (wall % minute_ms !== 0) return null;
    const [date, time] = new Date(wall).toISOString().split('T');
    return { date, time: time.slice(0, 5), written };
  };
  const two = (number) => String(number).padStart(2, '0');
  const offset_text = (minutes) => {
    if (minutes === 0) return 'Z';
    const size = Math.abs(minutes);
    return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };
  const date_text = ({ date = '', time = '', written }) => {
    const before = written ? date_fields(written) : null;
    if (before && before.date === date && before.time === time) return written;
    const form = /^[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}$/;
    const wall = clock && form.test(`${date}T${time}`) ? Date.parse(`${date}T${time}Z`) : NaN;
    if (Number.isNaN(wall)) return null;
    // Asked twice, as the clocks may change in between.
    const moment = wall - offset_at(wall - offset_at(wall));
    const offset = offset_at(moment);
    const local = new Date(moment + offset).toISOString().slice(0, 19);
    return offset % minute_ms === 0 ? local + offset_text(offset / minute_ms)
      : `${new Date(moment).toISOString().slice(0, 19)}Z`;
  };
  const date_of = (fields) => {
    const text = date_text(fields);
    return text && { timestamp: text };
  };
  const date_in = (value) => (is_one(value, 'timestamp') ? date_fields(value.timestamp) : null);

  // Moments and windows --------------------------------------------------------------------------

  const moment_fields = (value) => {
    const span = span_in(value, 'ago');
    if (span) return { at: 'ago', ...span };
    const date = date_in(value);
    if (date) return { at: 'date', ...date };
    return is_one(value, 'trait') ? { at: 'trait', trait: value.trait } : null;
  };
  const moment_of = (fields) => {
    if (fields.at === 'date') return date_of(fields);
    if (fields.at === 'trait') return fields.trait ? { trait: fields.trait } : null;
    const span = span_of(fields.number, fields.unit);
    return span && { ago: span };
  };
  const window_fields = (asked) => {
    const found = ['within', 'since', 'before', 'between'].filter((key) => key in asked);
    if (found.length === 0) return { window: 'ever' };
    if (found.length > 1) return null;
    const [window] = found;
    if (window === 'within') {
      const span = span_fields(asked.within);
      return span && { window, last: span.number, span: span.unit };
    }
    if (window !== 'between') {
      const from = moment_fields(asked[window]);
      return from && { window, from };
    }
    if (!Array.isArray(asked.between) || asked.between.length !== 2) return null;
    const [from, to] = asked.between.map(moment_fields);
    return from && to && { window, from, to };
  };
  // The narrowing, for `history`; null when something is missing.
  const narrowed = ({ window, last, span, from, to }) => {
    if (window === 'ever') return {};
    const bound = window === 'within' ? span_of(last, span)
      : window === 'between' ? [moment_of(from), moment_of(to)] : moment_of(from);
    return [bound].flat().includes(null) ? null : { [window]: bound };
  };

  window.winback_moments = {
    span_in, span_of, date_in, date_of, moment_fields, moment_of, window_fields, narrowed,
    span_fields,
  };
})();
