#!/bin/sh
# deploy.sh CERTIFICATE COMMAND...: runs the command that deploys, if staging kept the contract within the last day.
# The public key that the certificate has to be signed with lies beside this script, where a job that writes certificates
# cannot change it.
set -eu
certificate=$1
shift
verifik-contract verify "$certificate" --key "$(dirname "$0")/signing.pub.pem" --target "$STAGING_URL" --max-age 24h
exec "$@"
