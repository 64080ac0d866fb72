import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunbookStep, System } from '../../../src/domain/system.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';

const root = new URL('../../../', import.meta.url);

interface Row {
  readonly document: string;
  readonly headings: string;
  readonly cells: readonly string[];
}

const rowCells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** Every row of every table, with the document it belongs to and the heading that it stands under. */
function rowsOf(page: string): Row[] {
  let document = '';
  let headings = '';
  return page.split('\n').flatMap((line) => {
    if (line.startsWith('#')) headings = line;
    if (line.startsWith('# ')) document = line;
    const isRow = line.startsWith('|') && !line.startsWith('| --- |') && line !== '| the document | done by | shown by |';
    return isRow ? [{ document, headings, cells: rowCells(line) }] : [];
  });
}

const page = readFileSync(new URL('docs/coverage.md', root), 'utf8');
const rows = rowsOf(page);
const plain = (text: string): string => text.replaceAll(/`|\*\*/g, '');

/** The documents are not in the repository. Their headings, list items, commands, file names, audiences, estimates and fields, in their order. */
const documents = [
  `# SAC Agent Rollback Plan
## Overview
rollback procedures for the SAC (Soft Actor-Critic) agent
reverting changes in case of critical failures or issues
## Rollback Scenarios
### 1. Implementation Failure
Critical bugs in SAC agent code
Integration issues with trading environment
Performance below acceptable thresholds
### 2. Testing Failure
Failed unit tests
Failed integration tests
Failed acceptance tests
### 3. Deployment Failure
Production deployment issues
Runtime errors in production
Performance degradation in production
### 4. Data Corruption
Model file corruption
Configuration file corruption
Training data issues
## Rollback Procedures
### Phase 1: Assessment and Preparation
#### Step 1: Issue Identification
Identify the specific failure or issue
Document error messages and symptoms
Determine the scope of impact
Assess urgency and priority
#### Step 2: Environment Assessment
Check current system state
Verify backup availability
Confirm rollback target version
Ensure rollback tools are available
#### Step 3: Communication
Notify stakeholders of rollback plan
Set expectations for downtime/impact
Coordinate with team members
Document rollback start time
### Phase 2: Implementation Rollback
#### Step 4: Code Rollback
Identify files to be rolled back
src/rl/sac/
sac_agent.py
sac_features.py
__init__.py
Restore from version control
git checkout <last_stable_commit> -- src/rl/sac/
Verify file restoration
git status
#### Step 5: Configuration Rollback
Identify configuration files to be rolled back
configs/sac_config.json
Restore configuration from backup
cp backups/sac_config.json configs/
Verify configuration integrity
#### Step 6: Documentation Rollback
Identify documentation files to be rolled back
docs/agents/
sac_agent.md
sac_agent_detailed_plan.md
sac_agent_summary.md
sac_agent_acceptance_tests.md
sac_configuration.md
sac_file_tree_structure.md
sac_agent_makefile_tasks.md
sac_agent_dag.md
sac_agent_rollback_plan.md
Restore documentation from version control or backups
### Phase 3: Testing and Validation
#### Step 7: Environment Validation
Verify development environment
python -c "import src.rl.sac.sac_agent"
Check trading environment compatibility
python scripts/test_env_compatibility.py
Validate configuration files
python scripts/validate_config.py configs/sac_config.json
#### Step 8: Test Execution
Run unit tests
pytest tests/rl/sac/test_sac_agent.py -v
pytest tests/rl/sac/test_sac_features.py -v
Run integration tests
pytest tests/rl/sac/test_sac_integration.py -v
Run acceptance tests
pytest tests/rl/sac/test_sac_acceptance.py -v
#### Step 9: Performance Validation
Execute smoke tests
python scripts/smoke_test_sac.py
Verify model loading/saving
python scripts/test_model_persistence.py
Check deterministic behavior
python scripts/test_deterministic.py
### Phase 4: Deployment Rollback
#### Step 10: Development Environment
Uninstall current version
pip uninstall trade-agent-sac
Install previous stable version
pip install trade-agent-sac==<previous_version>
Verify installation
python -c "import src.rl.sac; print('SAC module loaded successfully')"
#### Step 11: Production Environment
Stop current SAC agent services
systemctl stop sac-agent-service
Deploy previous stable version
Deploy previous version using CI/CD pipeline
Start services
systemctl start sac-agent-service
Monitor deployment
systemctl status sac-agent-service
### Phase 5: Verification and Communication
#### Step 12: System Verification
Verify system functionality
Check trading environment integration
Verify model performance
Confirm no data loss
Monitor system metrics
CPU and memory usage
Response times
Error rates
Validate business metrics
Trading performance
Risk metrics
Transaction costs
#### Step 13: Stakeholder Communication
Notify stakeholders of rollback completion
Send status update email
Update project tracking system
Schedule post-rollback review
Document rollback results
Record rollback duration
Document issues encountered
Note lessons learned
Plan next steps
Schedule root cause analysis
Plan re-implementation timeline
Update risk mitigation strategies
## File Removal Lists
### Development Files to Remove (if needed)
src/rl/sac/
sac_agent.py
sac_features.py
__init__.py
docs/agents/
sac_agent.md
sac_agent_detailed_plan.md
sac_agent_summary.md
sac_agent_acceptance_tests.md
sac_configuration.md
sac_file_tree_structure.md
sac_agent_makefile_tasks.md
sac_agent_dag.md
sac_agent_rollback_plan.md
configs/
sac_config.json
tests/rl/sac/
test_sac_agent.py
test_sac_features.py
test_sac_integration.py
test_sac_environment.py
test_sac_acceptance.py
scripts/
train_sac.py
evaluate_sac.py
backtest_sac.py
save_model.py
load_model.py
export_model.py
models/
sac_*.pkl
reports/
sac_*.html
### Production Files to Remove (if needed)
/opt/trade-agent/sac/
sac_agent.py
sac_features.py
__init__.py
/etc/trade-agent/
sac_config.json
/var/log/trade-agent/sac/
*.log
/var/lib/trade-agent/sac/
models/
reports/
## Recovery Steps
### Step 1: Environment Restoration
Restore development environment from backup
Reinstall dependencies
pip install -r requirements.txt
Verify environment setup
python -c "import stable_baselines3; print('SB3 imported successfully')"
### Step 2: Data Recovery
Restore model files from backup
cp backups/models/sac_*.pkl models/
Restore configuration files
cp backups/configs/sac_config.json configs/
Verify data integrity
python scripts/validate_data_integrity.py
### Step 3: Service Restoration
Restart SAC agent services
systemctl restart sac-agent-service
Monitor service health
systemctl status sac-agent-service
Verify service functionality
curl http://localhost:8080/health
## Communication Plan
### Internal Communication
Development Team: Immediate notification via Slack/Teams
Project Manager: Formal status update within 1 hour
Quality Assurance: Test plan update within 2 hours
Operations: Deployment coordination as needed
### External Communication
Stakeholders: Status update every 4 hours during rollback
Clients: Notification if production impact exceeds 2 hours
Management: Formal report within 24 hours of rollback completion
### Communication Templates
#### Initial Notification
Subject: SAC Agent Implementation Issue - Rollback Initiated
A critical issue has been identified in the SAC agent implementation.
Rollback procedures have been initiated to restore system stability.
Current status: [Assessment/Implementation/Testing/Deployment]
Expected completion: [Time estimate]
Impact: [Description of impact]
#### Progress Update
Subject: SAC Agent Rollback Progress Update
Rollback status: [Current phase]
Completed steps: [List of completed steps]
Remaining steps: [List of remaining steps]
Current issues: [Any blocking issues]
Next update: [Time of next update]
#### Completion Notification
Subject: SAC Agent Rollback Complete
The SAC agent rollback has been completed successfully.
System status: [Current system status]
Verification results: [Test results]
Next steps: [Re-implementation plan]
Lessons learned: [Brief summary]
## Timeline and Resources
### Estimated Rollback Time
Assessment Phase: 1 hour
Implementation Rollback: 2 hours
Testing and Validation: 3 hours
Deployment Rollback: 2 hours
Verification and Communication: 1 hour
Total Estimated Time: 9 hours
### Required Resources
Development Team: 2 developers
Quality Assurance: 1 tester
Operations: 1 system administrator
Project Management: 1 project manager
### Tools and Access
Git version control access
Server access credentials
Backup system access
Monitoring tools access
## Risk Mitigation
### Rollback Risks
Incomplete Rollback: Some files may not be restored
Data Loss: Backup may be outdated or corrupted
Dependency Issues: Previous version may have dependency conflicts
Communication Delays: Stakeholders may not be informed in a timely manner
### Mitigation Strategies
Comprehensive File List: Maintain detailed inventory of all files
Regular Backups: Ensure backups are current and verified
Dependency Management: Document dependencies for each version
Communication Protocol: Establish clear communication procedures
## Post-Rollback Activities
### Root Cause Analysis
Identify primary cause of failure
Document contributing factors
Recommend preventive measures
Update risk register
### Process Improvement
Update rollback procedures based on lessons learned
Improve testing protocols
Enhance monitoring and alerting
Update documentation standards
### Re-implementation Planning
Assess what can be salvaged from failed implementation
Plan improved implementation approach
Schedule re-implementation timeline
Allocate necessary resources
## Conclusion
quickly restore system stability while minimizing impact
Regular review and updates to this plan`,

  `# aGENtrader v2.2 Rollback Procedures
## Rollback Architecture
Git-based versioning: All code versions are tracked through Git tags and commits
Docker containerization: All deployments run in Docker containers with version-specific images
Automated scripts: Scripts automate the rollback process to minimize human error
Validation tools: Automated checks verify successful rollbacks
## Automated Rollback
### Using the Rollback Script
bash deployment/rollback_ec2.sh [ec2-hostname-or-ip]
Connect to the EC2 instance
Retrieve available versions (Git tags) and recent commits
Prompt you to select a version to roll back to
Confirm your selection
Check out the specified version
Rebuild Docker containers with the rolled-back version
Validate the deployment automatically
### Example Rollback Session
aGENtrader v2.2 - Deployment Rollback
Connecting to EC2 instance...
Available versions:
v0.2.0 - Initial stable release
v0.1.0 - Beta release
Recent commits:
abc1234 (2025-04-24) - Fix deployment pipeline
def5678 (2025-04-23) - Add new technical indicator
ghi9012 (2025-04-22) - Update API integration
Enter version/tag/commit to roll back to: v0.1.0
Confirm rollback to v0.1.0? [y/n]: y
Rolling back to v0.1.0...
Stopping containers...
Checking out version...
Building new image...
Starting containers...
Validating deployment...
Rollback completed successfully!
## Manual Rollback
SSH into your EC2 instance
ssh -i aGENtrader.pem ubuntu@ec2-instance-ip
Navigate to the deployment directory
cd ~/aGENtrader
List available versions
git tag -l
git log --oneline -n 10
Check out the desired version
git fetch --all --tags
git checkout v0.1.0
Or specific commit hash
Stop running containers
cd docker
docker-compose down
Rebuild with the older version
VERSION=$(git describe --tags --always) docker-compose build --no-cache
VERSION=$(git describe --tags --always) docker-compose up -d
Validate the deployment
cd ..
python deployment/validate_deployment.py
## Emergency Rollbacks
SSH into the EC2 instance
Stop all containers
docker stop $(docker ps -q)
Run the last known working image directly
docker run -d --name agentrader_emergency
-v $(pwd)/logs:/app/logs
-v $(pwd)/config:/app/config
--env-file .env
agentrader:last_known_good_version
## Versioning System
### Version Identification
Git tags: Formal releases (e.g., v0.2.0)
Commit hashes: Specific code points (e.g., abcd1234)
Docker image tags: Built from Git information
### How Versions Are Managed
In the Dockerfile
ARG VERSION="v0.2.0"
LABEL version="\${VERSION}"
ENV AGENTRADER_VERSION="\${VERSION}"
In docker-compose.yml
image: agentrader:\${VERSION:-latest}
In build scripts
VERSION=$(git describe --tags --always)
docker build --build-arg VERSION=$VERSION -t agentrader:$VERSION .
Runtime access
import os
version = os.environ.get("AGENTRADER_VERSION", "unknown")
## Testing the Rollback System
bash deployment/test_deployment_flow.sh
Creation of versioned deployments
Version passing to Docker builds
Rollback between versions
Cleanup processes
## Rollback Best Practices
Always validate the rolled-back system using the validation script
Document incidents that required rollbacks for future reference
Test rollbacks regularly as part of your operations process
Keep multiple past versions available in your image registry
Practice rollbacks with your operations team regularly
## Troubleshooting
### Common Rollback Issues
Git checkout failures
Ensure you have proper permissions
Verify the tag or commit exists
Check for any local changes that might block the checkout
Docker build failures
Check Docker daemon status
Verify Docker has sufficient disk space
Look for dependency changes between versions
Validation failures
Check system logs for errors
Verify environment variables are set correctly
Confirm API connections are working
### Rollback Logs
Git commit history (if a rollback commit is created)
System logs in the logs/ directory
Docker logs for the containers
## Conclusion
a robust mechanism for returning to known-good states when issues arise
minimize downtime and ensure reliable operation of the trading platform`,
];

/** The heading that each line of a document stands under. */
function itemsOf(document: string): { readonly headings: string; readonly item: string }[] {
  let headings = '';
  return document.split('\n').flatMap((line) => {
    if (line.startsWith('#')) headings = line;
    return line.startsWith('#') ? [] : [{ headings, item: line }];
  });
}

describe.each(documents.map((document) => [document.split('\n')[0] ?? '', document] as const))('%s', (title, document) => {
  const own = rows.filter((row) => row.document === title);

  it('has every heading, in its order', () => {
    const from = page.split('\n').indexOf(title);
    const until = page.split('\n').findIndex((line, i) => i > from && line.startsWith('# '));
    const headings = page.split('\n').slice(from, until < 0 ? undefined : until);
    expect(headings.filter((line) => line.startsWith('#'))).toEqual(document.split('\n').filter((line) => line.startsWith('#')));
  });

  it('has a row for every list item, command, file, audience, estimate and field, under its own heading', () => {
    const has = (headings: string, item: string) => own.some((row) => row.headings === headings && plain(row.cells[0] ?? '').includes(item));
    expect(itemsOf(document).filter(({ headings, item }) => !has(headings, item))).toEqual([]);
  });
});

describe('every row', () => {
  const filesOf = (shown = '') => shown.split(', ').map((name) => /^`((?:unit|integration|e2e)\/[\w/-]+\.test\.ts)`$/.exec(name)?.[1]);

  it('says what does it and what shows it', () => {
    const isWhole = ({ cells }: Row) => cells.length === 3 && !cells.includes('') && !filesOf(cells[2]).includes(undefined);
    expect(rows.filter((row) => !isWhole(row)).map(({ cells }) => cells)).toEqual([]);
    expect(rows.length).toBeGreaterThan(200);
  });

  it('names tests that exist', () => {
    const files = [...new Set(rows.flatMap(({ cells }) => filesOf(cells[2])))].sort();
    expect(files.filter((file) => !existsSync(new URL(`tests/${file}`, root)))).toEqual([]);
  });
});

describe('every step that is named', () => {
  let systems: Readonly<Record<string, System>>;
  beforeAll(async () => {
    ({ systems } = await loadSystems(fileURLToPath(new URL('systems', root)), { steps: stepKinds, proofs: proofKinds }));
  });

  const named = rows.flatMap(({ document, cells }) =>
    [...(cells[1] ?? '').matchAll(/(?:`([\w-]+)` )?\b[Ss]tep (\d+(?:\.\d+)?)(?: `([\w.]+)`)?/g)].map(([text, variant, id, kind]) => ({
      system: document.includes('SAC') ? 'sac' : 'agentrader',
      ...{ text, variant, id, kind },
    })),
  );
  const stepsOf = (system: System | undefined, variant: string | undefined): readonly RunbookStep[] =>
    ((variant === undefined ? system : system?.variants[variant])?.runbook ?? []).flatMap((phase) => phase.steps);

  it('is in its system file, with that kind', () => {
    expect(named.length).toBeGreaterThan(80);
    const isThere = ({ system, variant, id, kind }: (typeof named)[number]) =>
      stepsOf(systems[system], variant).some((step) => step.id === id && step.kind === kind);
    expect(named.filter((one) => !isThere(one))).toEqual([]);
  });

  it('leaves out no step of the normal runbooks but the announcements', () => {
    const all = ['sac', 'agentrader'].flatMap((system) => stepsOf(systems[system], undefined).map((step) => ({ system, ...step })));
    const isNamed = (step: { readonly system: string; readonly id: string }) =>
      named.some((one) => one.system === step.system && one.variant === undefined && one.id === step.id);
    expect(all.filter((step) => step.kind !== 'announce' && !isNamed(step)).map(({ system, id }) => `${system} ${id}`)).toEqual([]);
  });
});
