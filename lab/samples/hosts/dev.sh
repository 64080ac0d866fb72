# The development host: a clone at v0.2.0 with its environment, models, reports, and the backup of v0.1.0.
tree=/srv/trade-agent
as() { runuser -u deploy -- env -C "$tree" PYTHONDONTWRITEBYTECODE=1 "$@"; }

# Git refuses to fetch from a repository that belongs to somebody else.
chown -R deploy:deploy /srv/git
install -d -o deploy -g deploy "$tree"
[ -e "$tree/.git" ] || as git clone --quiet --no-hardlinks /srv/git/trade-agent.git .
[ -e "$tree/.venv" ] || as python3 -m venv --system-site-packages .venv
as .venv/bin/pip install --quiet --no-deps trade-agent-sac==0.2.0
as .venv/bin/pip install --quiet -r requirements.txt
# Debian's own pytest command runs the system's interpreter, which does not see this environment.
printf '#!%s/.venv/bin/python\nimport sys\nfrom pytest import console_main\nsys.exit(console_main())\n' "$tree" >"$tree/.venv/bin/pytest"
chown deploy:deploy "$tree/.venv/bin/pytest"
chmod 755 "$tree/.venv/bin/pytest"

as .venv/bin/python scripts/train_sac.py --steps 500 --name policy
as .venv/bin/python scripts/save_model.py models/sac_initial.pkl
as .venv/bin/python scripts/backtest_sac.py --steps 500

# The backup was made with the release it belongs to.
old=$(mktemp -d)
chown deploy:deploy "$old"
as sh -c 'git archive v0.1.0 | tar -x -C "$1" && cd "$1" && python3 scripts/train_sac.py --steps 500 --name policy' sh "$old"
as mkdir -p backups/v0.1.0/configs backups/v0.1.0/models
as cp "$old/configs/sac_config.json" backups/v0.1.0/configs/
as cp "$old/models/sac_policy.pkl" backups/v0.1.0/models/
as sh -c 'cd backups/v0.1.0 && sha256sum configs/sac_config.json models/sac_*.pkl >MANIFEST.sha256'
rm -rf "$old"

[ -z "$(as git status --porcelain)" ] || { as git status --short && exit 1; }
