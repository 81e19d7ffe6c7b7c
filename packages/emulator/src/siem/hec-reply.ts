import type { JsonObject } from '@weir/model'

/** The event collector's codes, with the HTTP status that goes with each. */
const HEC_REPLIES = {
  success: { status: 200, code: 0, text: 'Success' },
  disabledToken: { status: 403, code: 1, text: 'Token disabled' },
  tokenRequired: { status: 401, code: 2, text: 'Token is required' },
  badAuthorization: { status: 401, code: 3, text: 'Invalid authorization' },
  invalidToken: { status: 403, code: 4, text: 'Invalid token' },
  noData: { status: 400, code: 5, text: 'No data' },
  invalidFormat: { status: 400, code: 6, text: 'Invalid data format' },
  incorrectIndex: { status: 400, code: 7, text: 'Incorrect index' },
  internal: { status: 500, code: 8, text: 'Internal server error' },
  busy: { status: 503, code: 9, text: 'Server is busy' },
  channelMissing: { status: 400, code: 10, text: 'Data channel is missing' },
  channelInvalid: { status: 400, code: 11, text: 'Invalid data channel' },
  eventRequired: { status: 400, code: 12, text: 'Event field is required' },
  eventBlank: { status: 400, code: 13, text: 'Event field cannot be blank' },
  ackDisabled: { status: 400, code: 14, text: 'ACK is disabled' },
  badFields: { status: 400, code: 15, text: 'Error in handling indexed fields' },
  queryAuth: { status: 400, code: 16, text: 'Query string authorization is not enabled' },
  healthy: { status: 200, code: 17, text: 'HEC is healthy' },
} as const

export type HecReplyName = keyof typeof HEC_REPLIES

/** What is answered: a status and a JSON body. */
export interface HecReply {
  readonly status: number
  readonly body: JsonObject
}

export function hecReply(name: HecReplyName, more: JsonObject = {}): HecReply {
  const { status, code, text } = HEC_REPLIES[name]
  return { status, body: { text, code, ...more } }
}
