# shellcheck shell=bash
# The folder that each run gets a copy of: a desk, a machine with a seat, one of three seats, and what is brought to them. Sourced after
# cli/shell.sh, which stops at any failure and has `approved`.
# shellcheck disable=SC2154,SC2164
mkdir base && cd base && mv ../passphrase .
new_desk desk
cheap_keys "$(cat passphrase)" desk/keys/*.key
activated
printf 'customer,product,seats,versions,id\nYard,planner,2,3.*,YARD\nMill,viewer,1,*,\n' >orders.csv
gives 0 create --version 3.5 --seats 2 --out more.oak
# What is brought in was made on copies that are ahead of what is killed.
cd ..
cp -a base ahead && cd ahead
gives 0 issuer issue more.oak --out more.activation.oak "${approved[@]}"
gives 0 oak-request return --product planner --yes --out receipt.oak --state-dir machine --trust desk.trust
cp more.activation.oak receipt.oak ../base/
cd .. && rm -rf ahead
# And a machine of three seats that asks for one.
cp -a base larger && cd larger
gives 0 create --version 3.5 --seats 3 --out three.oak
gives 0 issuer issue three.oak --out three.activation.oak "${approved[@]}"
gives 0 import three.activation.oak
gives 0 check --version 3.5 --seats 3
gives 0 create --version 3.5 --seats 1 --out one.oak
gives 0 issuer issue one.oak --out fewer.activation.oak "${approved[@]}"
cp -a fewer.activation.oak ../base/ && cp -a desk ../base/larger-desk && cp -a machine ../base/larger-machine
cd .. && rm -rf larger
