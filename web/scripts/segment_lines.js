// A line of the builder and its tree (docs/design/conditions.md): the fields that say a tree, and
// the tree that fields say. What no line can say has no fields.
//
// `window.winback_lines` is what segment_rows.js uses; nothing here looks at the page.
(() => {
  'use strict';
  const { span_in, span_of, moment_fields, moment_of, window_fields, narrowed } =
    window.winback_moments;
  const {
    only, is_map, is_line, around, relations, positives, opposites, negated, number_in, number_of,
    items_of, compared, compared_fields, opposite_fields, with_opposite, asked_fields, asked_tree,
  } = window.winback_values;
  const { filter_fields, filters_tree } = window.winback_items;
  const finishes = { // By what they are compared with.
    counts: ['count', 'days_active'],
    sums: ['sum', 'avg', 'min', 'max', 'distinct'],
    spans: ['since_last', 'median_gap', 'mean_gap'],
    moments: ['first_time', 'last_time'],
    values: ['first', 'last'],
  };
  const of_property = [...finishes.sums, ...finishes.values];

  // From a tree to the fields of a line; null when no line can say it ------------------------

  const finish_fields = (tree, { finish, of }) => {
    const how = { how: finish };
    if (of_property.includes(finish) ? !is_line(of) : of !== undefined) return null;
    if (finish === 'any' || finish === 'none') return 'op' in tree ? null : how;
    if (finishes.values.includes(finish)) {
      const answer = 'op' in tree ? compared_fields(tree.op, tree.value) : { op: 'true' };
      return answer && { ...how, of, answer };
    }
    if (!relations.includes(tree.op)) return null;
    if (finishes.spans.includes(finish)) {
      const span = span_in(tree.value, 'dur');
      return span && { ...how, op: tree.op, ...span };
    }
    if (finishes.moments.includes(finish)) {
      const moment = moment_fields(tree.value);
      return moment && !['==', '!='].includes(tree.op) ? { ...how, side: tree.op, moment } : null;
    }
    const times = number_in(tree.value);
    const counts = [...finishes.counts, ...finishes.sums].includes(finish);
    return counts && times !== null ? { ...how, ...(of ? { of } : {}), op: tree.op, times } : null;
  };
  // What follows the event within a time.
  const then_fields = (then) => {
    if (then === undefined) return {};
    if (!is_map(then) || !only(then, ['names', 'within']) || !are_names(then.names)) return null;
    const span = span_in({ dur: then.within }, 'dur');
    return span && { then: { names: then.names, step: span.number, step_unit: span.unit } };
  };
  const are_names = (names) => Array.isArray(names) && names.every(is_line);
  const history_fields = (tree, kind, source) => {
    const asked = tree[kind];
    if (!is_map(asked) || !only(tree, [kind, 'op', 'value', ...around])) return null;
    const narrowings = ['within', 'since', 'before', 'between', 'where', 'then'];
    if (!only(asked, [source, ...narrowings, 'finish', 'of'])) return null;
    const finish = finish_fields(tree, asked);
    const window = window_fields(asked);
    const then = then_fields(asked.then);
    return finish && window && then && { ...finish, ...window, ...then };
  };
  const event_fields = (tree) => {
    const fields = history_fields(tree, 'events', 'names');
    if (!fields || !are_names(tree.events.names)) return null;
    const filters = filter_fields(tree.events.where);
    if (filters.includes(null)) return null;
    return { kind: 'event', names: tree.events.names, filters, ...fields };
  };
  const sent_fields = (tree) => {
    const fields = history_fields(tree, 'sent', 'campaign');
    const { campaign, where } = tree.sent;
    if (!fields || where || typeof campaign !== 'string') return null;
    return of_property.includes(fields.how) ? null : { kind: 'sent', campaign, ...fields };
  };
  const member_fields = (tree) => {
    const inner = negated(tree) ?? tree;
    const is = inner === tree ? 'in' : 'not';
    const kind = ['in_segment', 'in_list'].find((name) => typeof inner[name] === 'string');
    if (kind && only(inner, [kind, ...around])) {
      return kind === 'in_list' ? { kind: 'list', is, id: inner.in_list }
        : { kind: 'segment', is, call: 'in_segment', ids: [inner.in_segment] };
    }
    const several = are_names(inner.in_any) && only(inner, ['in_any', ...around]);
    return several ? { kind: 'segment', is, call: 'in_any', ids: inner.in_any } : null;
  };
  const consent_fields = (tree) => {
    const asked = asked_fields(tree, 'consent');
    if (!asked || asked.type !== 'text' || !['==', '!='].includes(asked.op)) return null;
    // A consent is never unknown, so that what is not equal is different.
    const flipped = asked.op === '==' ? '!=' : '==';
    const op = asked.not ? flipped : asked.op;
    return { kind: 'consent', name: asked.name, op, state: asked.value };
  };
  const opposite_of = (fields) => (
    fields.answer?.op in opposites ? { ...fields, answer: opposite_fields(fields.answer) }
      : { ...fields, not: 'yes' });
  const fields_of = (tree) => {
    if (!is_map(tree)) return null;
    const inner = negated(tree);
    const at = inner ?? tree;
    if ('events' in at || 'sent' in at) {
      const fields = 'events' in at ? event_fields(at) : sent_fields(at);
      return fields && inner ? opposite_of(fields) : fields;
    }
    if ('score' in at) {
      const asked = asked_fields(tree, 'score');
      return asked && asked.type === 'number' ? { kind: 'score', ...asked } : null;
    }
    if ('consent' in at) return consent_fields(tree);
    const member = member_fields(tree);
    if (member) return member;
    const asked = asked_fields(tree, 'trait');
    return asked && { kind: 'trait', ...asked };
  };
  // all, any, and none: not any.
  const group_of = (tree) => {
    if (!is_map(tree)) return null;
    for (const join of ['all', 'any']) {
      if (Array.isArray(tree[join]) && only(tree, [join])) return { join, items: tree[join] };
    }
    const none = is_map(tree.not) && only(tree, ['not']) && only(tree.not, ['any']) && tree.not.any;
    return Array.isArray(none) ? { join: 'none', items: none } : null;
  };

  // From the fields of a line to its tree; null when something is missing --------------------

  // `asked` is {events: {names, ..}} or {sent: {campaign}}, to be finished.
  const finished = (kind, asked, { how, of, op, ...fields }) => {
    const history = { ...asked, finish: how };
    if (how === 'any' || how === 'none') return { [kind]: history };
    if (of_property.includes(how)) {
      if (!of) return null;
      history.of = of;
    }
    if (finishes.values.includes(how)) {
      return with_opposite(fields.answer, (question) => {
        const answer = compared(question, fields.answer);
        return answer && { [kind]: history, ...answer };
      });
    }
    if (finishes.moments.includes(how)) {
      const moment = moment_of(fields.moment);
      return moment && { [kind]: history, op: fields.side, value: moment };
    }
    const span = span_of(fields.number, fields.unit);
    const value = finishes.spans.includes(how) ? span && { dur: span } : number_of(fields.times);
    return value === null ? null : { [kind]: history, op, value };
  };
  const are_given = (names) => names.length > 0 && !names.includes('');
  const then_tree = (then) => {
    if (!then) return {};
    const within = span_of(then.step, then.step_unit);
    return within && are_given(then.names) ? { then: { names: then.names, within } } : null;
  };
  const history_tree = (fields) => {
    const kind = fields.kind === 'sent' ? 'sent' : 'events';
    const names = kind === 'sent' ? [fields.campaign] : fields.names;
    const parts = [narrowed(fields), filters_tree(fields.filters ?? []), then_tree(fields.then)];
    if (!are_given(names) || parts.includes(null)) return null;
    const source = kind === 'sent' ? { campaign: fields.campaign } : { names };
    const tree = finished(kind, Object.assign(source, ...parts), fields);
    if (!tree || fields.not !== 'yes') return tree;
    return tree.not ?? { not: tree };
  };
  const member_tree = ({ kind, is, id, ids, call }) => {
    if (kind === 'list' ? !id : !are_given(ids)) return null;
    const member = kind === 'list' ? { in_list: id }
      : ids.length > 1 || call === 'in_any' ? { in_any: ids } : { in_segment: ids[0] };
    return is === 'not' ? { not: member } : member;
  };
  const tree_of = (fields) => {
    if (fields.kind === 'event' || fields.kind === 'sent') return history_tree(fields);
    if (fields.kind === 'trait') return asked_tree('trait', fields);
    if (fields.kind === 'score') return asked_tree('score', { ...fields, type: 'number' });
    if (fields.kind === 'consent') {
      return { consent: fields.name, op: fields.op, value: fields.state };
    }
    return member_tree(fields);
  };
  // Whether something was typed for a number that is none.
  const has_no_number = (fields) => {
    const asked = [...relations, 'has', 'has_not'].includes(fields.op);
    const listed_numbers = ['in', 'not_in'].includes(fields.op) && fields.list_type === 'number';
    const typed = [
      ...(asked && fields.type === 'number' ? [fields.value] : []),
      ...(listed_numbers ? items_of(fields.list) : []),
    ];
    const parts = [...(fields.filters ?? []), ...(fields.asked ?? []),
      ...(finishes.values.includes(fields.how) ? [fields.answer] : [])];
    return typed.some((text) => text !== '' && number_of(text) === null)
      || parts.some(has_no_number);
  };
  // Whether it holds for those, too, who have no such value: they are told apart from no other.
  const holds_without_value = ({ how, op, side, not, has, answer, window, from, to }) => {
    if (has !== undefined) return has === 'none';
    // Without a bound nothing is counted, and the opposite of that holds.
    const bounds = { since: [from], before: [from], between: [from, to] }[window] ?? [];
    if (bounds.some((bound) => bound?.at === 'trait') && not === 'yes') return true;
    const lacking = ['avg', 'min', 'max', ...finishes.spans, ...finishes.moments,
      ...finishes.values];
    if (how !== undefined && !lacking.includes(how)) return false;
    const asked = finishes.moments.includes(how) ? side
      : finishes.values.includes(how) ? answer.op : op;
    const negative = asked === '!=' || asked in positives;
    return not === 'yes' ? !negative && !['known', 'unknown'].includes(asked) : negative;
  };
  const with_comments = (tree, comments) => (Object.keys(comments).length === 0 ? tree
    : tree.not ? { not: { ...tree.not, ...comments } } : { ...tree, ...comments });
  const comments_of = (tree) => {
    const at = is_map(tree.not) ? tree.not : tree;
    return Object.fromEntries(around.filter((key) => key in at).map((key) => [key, at[key]]));
  };

  window.winback_lines = {
    fields_of, tree_of, group_of, with_comments, comments_of, has_no_number, holds_without_value,
  };
})();
