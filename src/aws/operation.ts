// What the gateway hands to an operation, and what it asks of a service. aws/ knows no service: main.ts lists them.

export type Caller = {
  readonly accountId: string
  /** `arn:aws:iam::<account>:root` for the root key pair. */
  readonly arn: string
  readonly userId: string
  readonly accessKeyId: string
}

export type RequestContext = {
  /** From the credential scope: every ARN of this request carries it. */
  readonly region: string
  readonly accountId: string
  readonly caller: Caller
  readonly requestId: string
  /** `http://127.0.0.1:7700`: as the caller reached us, for answers that name an endpoint. */
  readonly endpoint: string
}

/** Input and output are the SDK's own request and response types. Throws AwsError; anything else is answered 500. */
export type Operation<Input, Output> = (request: RequestContext, input: Input) => Promise<Output> | Output

// biome-ignore lint/suspicious/noExplicitAny: a table of operations whose types differ; each is checked where it is defined
export type OperationTable = Readonly<Record<string, Operation<any, any>>>

/** Operations that are throttled together: so many at once, and so many a second that come back. */
export type ThrottleBucket = {
  readonly burst: number
  readonly refillPerSecond: number
  readonly operations: readonly string[]
}

export type AwsService = {
  /** SigV4 service name, which also routes the request: `ecs`, `sts`. */
  readonly name: string
  readonly protocol: 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query'
  /** awsJson: what precedes the dot in X-Amz-Target. awsQuery and ec2Query: the API's Version. */
  readonly target: string
  /** awsQuery and ec2Query: the namespace of the answers' XML. */
  readonly xmlNamespace?: string
  /** The SDK package's exports, loaded when first asked for: the operation schemas `<Operation>$`. */
  readonly schemas: () => Promise<Readonly<Record<string, unknown>>>
  /** Every operation the model has, built or not. */
  readonly constraints: ModelConstraints
  /** Those that are built. */
  readonly operations: OperationTable
  /** Operations whose callers can wait: they make way for the others. */
  readonly patient?: readonly string[]
  /** How often they may be called where the gateway throttles; an operation in no bucket is never throttled. */
  readonly throttling?: readonly ThrottleBucket[]
}

/** What the SDK's schemas lack, derived from its type declarations by scripts/generate-constraints.ts. */
export type ModelConstraints = {
  readonly operations: Readonly<
    Record<string, { readonly input: string; readonly output: string; readonly errors: readonly string[] }>
  >
  /**
   * By structure: required members (but those whose absence the operation answers itself, in AWS's words for it), members
   * (or list elements) that are enums, and numbers that are not 32-bit integers.
   */
  readonly structures: Readonly<
    Record<
      string,
      {
        readonly required: readonly string[]
        readonly enums: Readonly<Record<string, string>>
        readonly numbers?: Readonly<Record<string, string>>
      }
    >
  >
  readonly enums: Readonly<Record<string, readonly string[]>>
}
