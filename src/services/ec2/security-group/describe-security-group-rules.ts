// DescribeSecurityGroupRules. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html
import type {
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  SecurityGroupRule as ShownRule,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import { rulesOf, type SecurityGroupRule } from '../../../domain/security-group-rule.ts'
import { networkKey, securityGroups } from '../../../store/network-tables.ts'
import { checkDryRun, type Ec2Operation, readNetwork } from '../context.ts'
import { type Fields, listed } from '../filters.ts'
import { describeRule } from './describe-rule.ts'

type Row = SecurityGroupRule & { readonly shown: ShownRule }

const FIELDS: Fields<Row> = {
  'security-group-rule-id': row => row.id,
  'group-id': row => row.shown.GroupId,
}

export const ruleNotFound = (id: string): never => {
  throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
}

export const describeSecurityGroupRules: Ec2Operation<
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult
> = dependencies => async (request, input) => {
  const reader = await readNetwork(dependencies, request)
  checkDryRun(input.DryRun)
  const groups = [...reader.byIndex(securityGroups, 'byScope', networkKey(request))]
  const all = groups.flatMap(group =>
    rulesOf(group).map((rule): Row => ({ ...rule, shown: describeRule(group, rule) })),
  )
  const { rows, nextToken } = listed(all, {
    ...input,
    operation: 'DescribeSecurityGroupRules',
    ids: input.SecurityGroupRuleIds,
    notFound: ruleNotFound,
    fields: FIELDS,
  })
  return {
    SecurityGroupRules: rows.map(({ shown }) => shown),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  }
}
