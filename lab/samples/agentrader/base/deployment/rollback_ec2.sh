#!/bin/bash
# Rolls an instance back by hand: rollback_ec2.sh HOST
set -eu

host=${1:?usage: rollback_ec2.sh HOST}
case $host in -*) echo 'a host name cannot start with -' >&2 && exit 2 ;; esac
dir='aGENtrader'

echo '===================================================================='
echo '          aGENtrader v2.2 - Deployment Rollback'
echo '===================================================================='
echo
echo 'Connecting to EC2 instance...'
# shellcheck disable=SC2029
ssh "ubuntu@$host" "cd $dir && git fetch --quiet --all --tags &&
  echo && echo 'Available versions:' && git for-each-ref --sort=-version:refname --format='%(refname:short) - %(contents:subject)' refs/tags &&
  echo && echo 'Recent commits:' && git log -n 10 --date=short --format='%h (%ad) - %s'"
echo
read -rp 'Enter version/tag/commit to roll back to: ' version
printf '%s\n' "$version" | grep -Eqx '[A-Za-z0-9][A-Za-z0-9._-]*' || { echo 'not a version' >&2 && exit 2; }
read -rp "Confirm rollback to $version? [y/n]: " answer
[ "$answer" = y ] || exit 1

echo
echo "Rolling back to $version..."
# shellcheck disable=SC2029
ssh "ubuntu@$host" "set -e; cd $dir
  echo 'Stopping containers...'; (cd docker && docker-compose down)
  echo 'Checking out version...'; git checkout --quiet $version --
  export VERSION=\$(git describe --tags --always)
  echo 'Building new image...'; (cd docker && docker-compose build --no-cache)
  echo 'Starting containers...'; (cd docker && docker-compose up -d)
  echo 'Validating deployment...'; python3 deployment/validate_deployment.py"
echo
echo 'Rollback completed successfully!'
