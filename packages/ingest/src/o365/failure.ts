import { type Meaning, meaningOf, type RestFailure } from '../rest/failure.ts'

/** The service's own codes, and what an operator does about them. */
const REMEDIES: Readonly<Record<string, string>> = {
  AF10001: 'grant the identity the application permission ActivityFeed.Read of Office 365 Management APIs',
  AF20001: 'a parameter is missing; this is a fault of Weir, report it',
  AF20002: 'a parameter is of another type; this is a fault of Weir, report it',
  AF20003: 'a time of expiry lies in the past; this is a fault of Weir, report it',
  AF20010: 'tenantId is another tenant than the one that the token is from; correct tenantId or the identity',
  AF20011: 'there is no such tenant; look at tenantId and at root, which differs between clouds',
  AF20012:
    'the tenant is not set up for this service; turn on its unified audit log, and ask Microsoft otherwise',
  AF20013: 'tenantId is no GUID',
  AF20020: 'this cloud has no such content type; take it out of contentTypes',
  AF20021: 'somebody has a webhook in this subscription that does not answer; remove it, Weir needs none',
  AF20022: 'nobody has subscribed to this content type; Weir does so again',
  AF20023: 'somebody has ended the subscription to this content type; Weir subscribes again',
  AF20030: 'the stretch of time is not taken; look at the clock of this machine',
  AF20031: 'a page of the listing is no longer there; Weir lists again',
  AF20050: 'the content is not there any more',
  AF20051: 'the content is older than the service keeps it',
  AF20052: 'the service does not know its own identifier of the content',
  AF20053: 'a header is not taken; this is a fault of Weir, report it',
  AF429:
    'the quota of this publisher is used up; lower requestsPerSecondMax, or give publisherId one of your own',
  AF50000: 'the service has a fault of its own',
  401: 'a new token was refused as well; look at root, at scope, at tenantId and at the clock of this machine',
  403: 'grant the identity the application permission ActivityFeed.Read of Office 365 Management APIs',
  404: 'look at root and tenantId: there is no such interface there',
}

/** What a failed request means to an operator. */
export function o365Meaning(error: unknown): Meaning {
  return meaningOf(error, REMEDIES)
}

/** The subscription ended, or was never begun. */
export function isUnsubscribed({ code }: RestFailure): boolean {
  return code === 'AF20022' || code === 'AF20023'
}

/** It is there already, which is what was wanted. */
export function isSubscribed({ code }: RestFailure): boolean {
  return code === 'AF20024'
}

/** A further page of a listing that ended meanwhile. */
export function isPageGone({ code, status }: RestFailure): boolean {
  return code === 'AF20031' || status === 410
}

const GONE = new Set(['AF20050', 'AF20051', 'AF20052', 'TooLarge'])

/** Content that will never be given again, or is too large to be taken. */
export function isContentGone({ code, status }: RestFailure): boolean {
  return (code !== undefined && GONE.has(code)) || status === 410 || (status === 404 && code === undefined)
}
