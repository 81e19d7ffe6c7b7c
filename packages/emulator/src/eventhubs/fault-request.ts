import { FAULT_ACTIONS, type FaultAction, type FaultPoint, type FaultRule, type Place } from './faults.ts'

/** Longest stall, milliseconds; a longer one is refused. For silence without end there is `never-reply`. */
const STALL_MS_MAX = 600_000

/** Strikes of one rule; more are refused. */
const FAULT_TIMES_MAX = 1_000_000

/** A request that cannot be carried out; the message says what is wrong with it. */
export class BadRequest extends Error {}

/** Reads `{point, match?, times?, after?, action, condition?, ms?}`; throws BadRequest. */
export function readFaultRule(body: unknown): FaultRule {
  const fields = readObject(body)
  const point = readText(fields, 'point')
  if (!isPoint(point)) throw new BadRequest(`point: one of ${Object.keys(FAULT_ACTIONS).join(', ')}`)
  const action = readAction(fields)
  const allowed: readonly string[] = FAULT_ACTIONS[point]
  if (!allowed.includes(action.kind)) throw new BadRequest(`action at ${point}: one of ${allowed.join(', ')}`)
  return {
    point,
    match: readPlace(fields['match'] ?? {}),
    times: readNumber(fields, 'times', 1, FAULT_TIMES_MAX, 1),
    after: readNumber(fields, 'after', 0, FAULT_TIMES_MAX, 0),
    action,
  }
}

function readAction(fields: Readonly<Record<string, unknown>>): FaultAction {
  const kind = readText(fields, 'action')
  switch (kind) {
    case 'refuse':
      return { kind, condition: readText(fields, 'condition') }
    case 'detach':
      return { kind, condition: 'condition' in fields ? readText(fields, 'condition') : undefined }
    case 'stall':
      return { kind, ms: readNumber(fields, 'ms', 1, STALL_MS_MAX) }
    case 'drop':
    case 'never-reply':
    case 'duplicate':
      return { kind }
    default:
      throw new BadRequest('action: one of refuse, detach, drop, stall, never-reply, duplicate')
  }
}

/** Reads `{hub?, partition?, group?}`; throws BadRequest. */
export function readPlace(value: unknown): Place {
  const fields = readObject(value)
  const part = (name: string) => (name in fields ? String(fields[name]) : undefined)
  return { hub: part('hub'), partition: part('partition'), group: part('group') }
}

export function readObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest('an object is wanted')
  return value as Record<string, unknown>
}

export function readText(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw new BadRequest(`${name}: a string is wanted`)
  return value
}

/** A whole number between bounds; `otherwise` when the field is absent. */
export function readNumber(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most: number,
  otherwise?: number,
): number {
  const value = fields[name] ?? otherwise
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new BadRequest(`${name}: a whole number from ${least} to ${most} is wanted`)
  return value
}

function isPoint(point: string): point is FaultPoint {
  return point in FAULT_ACTIONS
}
