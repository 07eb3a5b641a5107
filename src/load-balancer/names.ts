// What things are called in HAProxy: the tail of their ARN, so that whoever reads `show stat` recognises them.

/** `web.0123456789abcdef` of `...:targetgroup/web/0123456789abcdef`, `...:loadbalancer/app/web/0123456789abcdef` alike. */
export const sectionOf = (arn: string): string => arn.split('/').slice(-2).join('.')

/** The section in which the targets of a group are checked until they are known. */
export const initialSectionOf = (targetGroupArn: string): string => `${sectionOf(targetGroupArn)}.initial`

/** The entry of a target that gets requests when no target of its group is healthy. */
export const openNameOf = (serverName: string): string => `${serverName}.open`

/** The 16 hex digits that end the ARN of a listener or rule. */
export const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)
