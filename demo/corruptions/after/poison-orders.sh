# No order of the poison is there.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
sql "select 'order ' || source_order_id || ' is there' from backstitch.order_key where source_order_id like 'POISON-%'"
