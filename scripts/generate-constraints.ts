// Derives what the SDK packages' schemas lack - required members, enum values, each operation's shapes and errors - from
// their type declarations, and writes it beside each service as model.generated.json. Run by `npm run generate`.
//
// The declarations are generated themselves and very regular: one interface a structure, one line a member, `x: T |
// undefined` for a required member and `x?: T | undefined` for another, `export declare const Name: { readonly A: "a" }`
// for an enum. A line that does not fit is an error here, so a change of their form cannot pass unseen.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelConstraints } from '../src/aws/operation.ts'

type Source = {
  readonly sdkPackage: string
  readonly file: string
  /** Required by the model, but missing ones are answered by the operation, in AWS's own words for it. */
  readonly answeredByOperation: Readonly<Record<string, readonly string[]>>
  /** Operations whose requests are described; all when absent. EC2 has 770, of which few are built. */
  readonly only?: readonly string[]
  /** Numbers that are not 32-bit integers; the declarations say `number` for all. From the API reference's field types. */
  readonly numbers: Readonly<Record<string, Readonly<Record<string, 'Long' | 'Double'>>>>
}

const ROOT = join(import.meta.dirname, '..')

// Not read from the service's own table, which needs the file that is made here.
const EC2_OPERATIONS = [
  'AuthorizeSecurityGroupEgress',
  'AuthorizeSecurityGroupIngress',
  'CreateSecurityGroup',
  'CreateSubnet',
  'CreateTags',
  'CreateVpc',
  'DeleteSecurityGroup',
  'DeleteSubnet',
  'DeleteTags',
  'DeleteVpc',
  'DescribeAvailabilityZones',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroupRules',
  'DescribeSecurityGroups',
  'DescribeSubnets',
  'DescribeVpcAttribute',
  'DescribeVpcs',
  'RevokeSecurityGroupEgress',
  'RevokeSecurityGroupIngress',
]

const SOURCES: readonly Source[] = [
  {
    sdkPackage: '@aws-sdk/client-ecs',
    file: 'src/services/ecs/model.generated.json',
    answeredByOperation: {
      // "Family can not be blank.", "Container list cannot be empty."
      RegisterTaskDefinitionRequest: ['family', 'containerDefinitions'],
      // "Tasks cannot be empty.", "Services cannot be empty."
      DescribeTasksRequest: ['tasks'],
      DescribeServicesRequest: ['services'],
    },
    numbers: {
      Resource: { longValue: 'Long', doubleValue: 'Double' },
      Scale: { value: 'Double' },
      LinearConfiguration: { stepPercent: 'Double' },
      CanaryConfiguration: { canaryPercent: 'Double' },
      MemoryGiBPerVCpuRequest: { min: 'Double', max: 'Double' },
      NetworkBandwidthGbpsRequest: { min: 'Double', max: 'Double' },
      TotalLocalStorageGBRequest: { min: 'Double', max: 'Double' },
      DaemonDeploymentConfiguration: { drainPercent: 'Double' },
    },
  },
  {
    sdkPackage: '@aws-sdk/client-sts',
    file: 'src/services/sts/model.generated.json',
    answeredByOperation: {},
    numbers: {},
  },
  {
    sdkPackage: '@aws-sdk/client-elastic-load-balancing-v2',
    file: 'src/services/elbv2/model.generated.json',
    answeredByOperation: {
      // "A condition must be specified", "An action must be specified", "A priority must be specified"
      CreateRuleInput: ['Conditions', 'Actions', 'Priority'],
      CreateListenerInput: ['DefaultActions'],
    },
    numbers: {},
  },
  {
    sdkPackage: '@aws-sdk/client-acm',
    file: 'src/services/acm/model.generated.json',
    answeredByOperation: {},
    numbers: {},
  },
  {
    sdkPackage: '@aws-sdk/client-ec2',
    file: 'src/services/ec2/model.generated.json',
    only: EC2_OPERATIONS,
    // "The request must contain the parameter ..."
    answeredByOperation: {
      AuthorizeSecurityGroupEgressRequest: ['GroupId'],
      CreateSubnetRequest: ['VpcId'],
      CreateSecurityGroupRequest: ['Description', 'GroupName'],
      DeleteVpcRequest: ['VpcId'],
      DeleteSubnetRequest: ['SubnetId'],
      CreateTagsRequest: ['Resources', 'Tags'],
      DeleteTagsRequest: ['Resources'],
      DescribeVpcAttributeRequest: ['VpcId'],
      RevokeSecurityGroupEgressRequest: ['GroupId'],
    },
    numbers: {},
  },
]

type Member = { readonly name: string; readonly required: boolean; readonly type: string }
type Operations = ModelConstraints['operations']
type Structures = ModelConstraints['structures']

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, '')

/** `export declare const Name: { readonly A: "a"; }` -> Name: ["a"]. */
const enumsOf = (text: string): Record<string, string[]> => {
  const enums: Record<string, string[]> = {}
  for (const [, name = '', body = ''] of withoutComments(text).matchAll(/export declare const (\w+): \{([^}]*)\}/g)) {
    enums[name] = [...body.matchAll(/readonly \w+: "([^"]*)";/g)].map(([, value = '']) => value)
  }
  return enums
}

const membersIn = (where: string, body: string): Member[] =>
  body
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(line => {
      const match = /^(\w+|\$unknown)(\??): (.+?)( \| undefined)?;$/.exec(line)
      if (!match) throw new Error(`${where}: not a member: ${line}`)
      const [, name = '', optional = '', type = ''] = match
      return { name, required: optional === '', type }
    })

/** Interfaces, and unions, whose declarations are a namespace with one interface a member. */
const structuresOf = (text: string): Map<string, Member[]> => {
  const structures = new Map<string, Member[]>()
  const plain = withoutComments(text)
  for (const [, name = '', body = ''] of plain.matchAll(/^export interface (\w+) \{([^}]*)\}/gm)) {
    structures.set(name, membersIn(name, body))
  }
  for (const [, name = '', body = ''] of plain.matchAll(/^export declare namespace (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const variants = [...body.matchAll(/interface (\w+)Member \{([^}]*)\}/g)].filter(
      ([, variant]) => variant !== '$Unknown',
    )
    const members = variants.flatMap(([, , variant = '']) =>
      membersIn(name, variant).filter(({ type }) => type !== 'never'),
    )
    // Of a union exactly one member is given: none is required by itself.
    structures.set(
      name,
      members.filter(({ name: member }) => member !== '$unknown').map(member => ({ ...member, required: false })),
    )
  }
  return structures
}

const operationsOf = async (folder: string): Promise<Operations> => {
  const operations: Record<string, Operations[string]> = {}
  for (const file of (await readdir(folder)).sort()) {
    const name = /^(\w+)Command\.d\.ts$/.exec(file)?.[1]
    if (!name) continue
    const text = await readFile(join(folder, file), 'utf8')
    const shapeOf = (direction: string): string =>
      new RegExp(`interface ${name}Command${direction} (?:extends (\\w+)|\\{)`)
        .exec(text)
        ?.map((part = 'Unit') => part)[1]
        ?.replace('__MetadataBearer', 'Unit') ?? ''
    const input = shapeOf('Input')
    const output = shapeOf('Output')
    if (!input || !output) throw new Error(`${file}: no input or output`)
    const errors = [...text.matchAll(/@throws \{@link (\w+)\} \((?:client|server) fault\)/g)].map(
      ([, error = '']) => error,
    )
    operations[name] = { input, output, errors }
  }
  return operations
}

/** The structures that a request can hold; those of answers are not checked. */
const reachable = (operations: Operations, structures: Map<string, Member[]>, only: Source['only']): Set<string> => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const members = structures.get(name)
    if (!members || seen.has(name)) return
    seen.add(name)
    for (const { type } of members) for (const [identifier] of type.matchAll(/\w+/g)) visit(identifier)
  }
  for (const [name, { input }] of Object.entries(operations)) if (!only || only.includes(name)) visit(input)
  return seen
}

const constraintsOf = async (source: Source): Promise<ModelConstraints> => {
  const types = join(dirname(dirname(fileURLToPath(import.meta.resolve(source.sdkPackage)))), 'dist-types')
  const modelFiles = (await readdir(join(types, 'models'))).filter(file => /^models_\d+\.d\.ts$/.test(file))
  const texts = await Promise.all(modelFiles.map(file => readFile(join(types, 'models', file), 'utf8')))
  const declared = new Map(texts.flatMap(text => [...structuresOf(text)]))
  const enums = await readFile(join(types, 'models', 'enums.d.ts'), 'utf8').then(
    enumsOf,
    () => ({}) as Record<string, string[]>,
  )
  const operations = await operationsOf(join(types, 'commands'))
  const used = new Set<string>()
  const structures: Record<string, Structures[string]> = {}
  for (const name of [...reachable(operations, declared, source.only)].sort()) {
    const members = declared.get(name) ?? []
    const own = source.answeredByOperation[name] ?? []
    const required = members.filter(member => member.required && !own.includes(member.name)).map(member => member.name)
    const enumOf = (type: string): string | undefined => /^(\w+)(?:\[\])?$/.exec(type)?.[1]
    const enumerated = members.flatMap(({ name: member, type }) => {
      const enumName = enumOf(type)
      return enumName && enums[enumName] ? [[member, enumName] as const] : []
    })
    for (const [, enumName] of enumerated) used.add(enumName)
    const numbers = source.numbers[name]
    if (required.length === 0 && enumerated.length === 0 && !numbers) continue
    structures[name] = { required, enums: Object.fromEntries(enumerated), ...(numbers ? { numbers } : {}) }
  }
  const usedEnums = Object.fromEntries([...used].sort().map(name => [name, enums[name] ?? []]))
  return { operations, structures, enums: usedEnums }
}

/** One line an entry, so that a new SDK version shows as the lines that it changes. */
const asText = (constraints: ModelConstraints): string => {
  const section = ([name, entries]: [string, object]): string => {
    const lines = Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    return `${JSON.stringify(name)}:{\n${lines.join(',\n')}\n}`
  }
  return `{${Object.entries(constraints).map(section).join(',\n')}}\n`
}

/** What each file is to hold. */
export const generatedModels = (): Promise<{ readonly file: string; readonly text: string }[]> =>
  Promise.all(
    SOURCES.map(async source => ({ file: join(ROOT, source.file), text: asText(await constraintsOf(source)) })),
  )

if (import.meta.main) for (const { file, text } of await generatedModels()) await writeFile(file, text)
