// The access log of an application load balancer, in AWS's order of fields, where its attribute asks for it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-syntax
import type { PlacedListener } from '../desired.ts'
import type { Files } from './files.ts'

export const accessLogLines = (_listeners: readonly PlacedListener[], _files: Files): readonly string[] => []
