"""botocore, unmodified, against the stand-in of Amazon RDS: every action that it knows, and every published example."""
import datetime
import json
import sys
import time

import botocore.exceptions
import botocore.session
from botocore.config import Config

endpoint, examples = sys.argv[1:3]
done = 0


def client(access='AKIDEXAMPLE', secret='secret', region='eu-west-1'):
    return botocore.session.get_session().create_client(
        'rds', region_name=region, endpoint_url=endpoint, aws_access_key_id=access, aws_secret_access_key=secret,
        config=Config(retries={'max_attempts': 5, 'mode': 'standard'}))


def check(holds, what):
    global done
    done += 1
    if not holds:
        sys.exit(f'botocore: {what}')


def code_of(call, **words):
    try:
        call(**words)
    except botocore.exceptions.ClientError as error:
        return error.response['Error']['Code']
    return ''


def available(name):
    end = time.time() + 120
    while time.time() < end:
        instance = rds.describe_db_instances(DBInstanceIdentifier=name)['DBInstances'][0]
        # A change begins a moment after it was asked for.
        begins = instance.get('PendingModifiedValues') or instance['DBParameterGroups'][0]['ParameterApplyStatus'] == 'applying'
        if instance['DBInstanceStatus'] == 'available' and not begins:
            return instance
        time.sleep(0.2)
    sys.exit(f'botocore: {name} does not become available')


rds = client()
source = available('orders')
check(isinstance(source['LatestRestorableTime'], datetime.datetime), 'LatestRestorableTime')
check(source['Endpoint']['Port'] > 0, 'Endpoint')
check(len(source['VpcSecurityGroups']) == 2, 'VpcSecurityGroups')
check([one['DBInstanceIdentifier'] for one in rds.describe_db_instances()['DBInstances']] == ['orders'], 'all instances')
snapshots = rds.describe_db_snapshots(DBInstanceIdentifier='orders', SnapshotType='automated')['DBSnapshots']
check(len(snapshots) == 1 and snapshots[0]['Status'] == 'available', 'DBSnapshots')
window = rds.describe_db_instance_automated_backups(DBInstanceIdentifier='orders')['DBInstanceAutomatedBackups'][0]['RestoreWindow']
check(window['EarliestTime'] <= window['LatestTime'], 'RestoreWindow')

mine = dict(DBInstanceIdentifier='orders', DBSnapshotIdentifier='mine')
check(rds.create_db_snapshot(**mine)['DBSnapshot']['Status'] == 'creating', 'a snapshot is creating')
check(code_of(rds.create_db_snapshot, **mine) == 'DBSnapshotAlreadyExists', 'a snapshot twice')
check(code_of(rds.create_db_snapshot, DBInstanceIdentifier='orders', DBSnapshotIdentifier='other') == 'InvalidDBInstanceState',
      'one snapshot at a time')
available('orders')
snapshots = rds.describe_db_snapshots(DBSnapshotIdentifier='mine', SnapshotType='manual')['DBSnapshots']
check(len(snapshots) == 1 and snapshots[0]['Status'] == 'available' and snapshots[0]['PercentProgress'] == 100, 'a snapshot')
check(len(rds.describe_db_snapshots(DBInstanceIdentifier='orders', SnapshotType='automated')['DBSnapshots']) == 1, 'still one')
check(code_of(rds.describe_db_snapshots, DBSnapshotIdentifier='none') == 'DBSnapshotNotFound', 'no such snapshot')

restore = dict(SourceDBInstanceIdentifier='orders', TargetDBInstanceIdentifier='copy')
check(code_of(rds.restore_db_instance_to_point_in_time, **restore) == 'InvalidParameterCombination', 'neither time nor latest')
check(code_of(rds.restore_db_instance_to_point_in_time, **restore, RestoreTime=datetime.datetime(2020, 1, 1)) ==
      'InvalidRestoreFault', 'a time that is not there')
made = rds.restore_db_instance_to_point_in_time(**restore, UseLatestRestorableTime=True, Tags=[{'Key': 'a', 'Value': 'b'}])
check(made['DBInstance']['DBInstanceStatus'] == 'creating', 'creating')
check(code_of(rds.restore_db_instance_to_point_in_time, **restore, UseLatestRestorableTime=True) == 'DBInstanceAlreadyExists',
      'twice')
check(code_of(rds.modify_db_instance, DBInstanceIdentifier='copy', ApplyImmediately=True) == 'InvalidDBInstanceState', 'too early')
copy = available('copy')
check(copy['TagList'] == [{'Key': 'a', 'Value': 'b'}], 'TagList')
check([one['VpcSecurityGroupId'] for one in copy['VpcSecurityGroups']] == ['sg-default'], 'a copy has the default security group')
rds.modify_db_instance(DBInstanceIdentifier='copy', ApplyImmediately=True, DBParameterGroupName='orders-postgres15',
                       VpcSecurityGroupIds=['sg-1', 'sg-2'])
check(rds.describe_db_instances(DBInstanceIdentifier='copy')['DBInstances'][0]['DBInstanceStatus'] == 'available', 'a change begins later')
copy = available('copy')
check(copy['DBParameterGroups'][0]['ParameterApplyStatus'] == 'pending-reboot', 'pending-reboot')
rds.reboot_db_instance(DBInstanceIdentifier='copy')
check(available('copy')['DBParameterGroups'][0]['ParameterApplyStatus'] == 'in-sync', 'in-sync')
check(code_of(rds.delete_db_instance, DBInstanceIdentifier='copy') == 'InvalidParameterCombination', 'no final snapshot named')
check(rds.delete_db_instance(DBInstanceIdentifier='copy', SkipFinalSnapshot=True)['DBInstance']['DBInstanceStatus'] == 'deleting',
      'deleting')
while code_of(rds.describe_db_instances, DBInstanceIdentifier='copy') == '':
    time.sleep(0.1)

# Who is not let in.
check(code_of(client(secret='wrong').describe_db_instances) == 'SignatureDoesNotMatch', 'a wrong key')
check(code_of(client(access='SOMEBODY').describe_db_instances) == 'InvalidClientTokenId', 'a stranger')
check(code_of(client(region='us-east-1').describe_db_instances) == 'SignatureDoesNotMatch', 'another region')
check(code_of(rds.describe_db_clusters) == 'InvalidAction', 'an action that it does not know')

# Each published example is understood: it is answered, or refused for the instance that is not here.
names = {'DescribeDBInstances': 'describe_db_instances', 'DescribeDBSnapshots': 'describe_db_snapshots',
         'RestoreDBInstanceToPointInTime': 'restore_db_instance_to_point_in_time', 'ModifyDBInstance': 'modify_db_instance',
         'CreateDBSnapshot': 'create_db_snapshot', 'RebootDBInstance': 'reboot_db_instance', 'DeleteDBInstance': 'delete_db_instance'}
replayed = 0
with open(examples) as file:
    for action, list_of in json.load(file)['examples'].items():
        for example in list_of:
            code = code_of(getattr(rds, names[action]), **example['input'])
            check(code in ('', 'DBInstanceNotFound'), f'{action} {example["id"]}: {code}')
            # and on the instance that is
            own = {name: 'orders' if name in ('DBInstanceIdentifier', 'SourceDBInstanceIdentifier') else value
                   for name, value in example['input'].items() if name != 'RestoreTime'}
            if action == 'RestoreDBInstanceToPointInTime':
                own['UseLatestRestorableTime'] = True
            if action != 'DeleteDBInstance':
                available('orders')
                answer = getattr(rds, names[action])(**own)
                missing = set(example['output']) - set(answer)
                check(not missing, f'{action}: the answer lacks {missing}')
            replayed += 1
check(replayed == 7, f'{replayed} examples were replayed')
print(f'{done} checks hold')
