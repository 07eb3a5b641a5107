// What a clientToken stands for: the first request's answer, for 24 hours, within its cluster. RunTask, CreateService and
// CreateTaskSet look here inside their transaction, so that two equal requests at once make one thing. The retention loop
// deletes what is past.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
import { createHash } from 'node:crypto'
import { type IdempotencyRecord, TOKEN_LIFETIME_MS } from '../../domain/idempotency.ts'
import type { Reader } from '../../store/store.ts'
import { idempotency } from '../../store/tables.ts'
import { invalid } from './refuse.ts'

export const tokenKey = (
  operation: 'RunTask' | 'CreateService' | 'CreateTaskSet' | 'CreateDaemon',
  clusterArn: string,
  token: string,
): string => `${operation}|${clusterArn}|${token}`

/** InvalidParameterException for a token that is too long or has characters outside ASCII 33 to 126. */
export const checkToken = (token: string, longest: number): void => {
  if (token.length > longest || !/^[\x21-\x7e]+$/.test(token))
    throw invalid(`Client token must have 1 to ${longest} characters, each of ASCII 33 to 126.`)
}

/** SHA-256 over the request without its token; the order of members doesn't matter. */
export const requestHash = (input: { readonly clientToken?: string | undefined }): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...input, clientToken: undefined }, sorted))
    .digest('base64')

const sorted = (_key: string, value: unknown): unknown =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** The record that the key still stands for. */
export const findToken = (reader: Reader, key: string, now: number): IdempotencyRecord | undefined => {
  const record = reader.get(idempotency, key)
  return record && now - record.createdAt < TOKEN_LIFETIME_MS ? record : undefined
}
