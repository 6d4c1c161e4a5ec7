"""Fields of what belongs to orders: buyers, carriers, details, payments, in the order the Webservice shows them."""

from shops.connectors.prestashop.simulator.fields import table

CUSTOMER = table("""
    id_default_group  int    isUnsignedId >groups
    id_lang           int    isUnsignedId >languages
    deleted           bool   isBool
    passwd            text   isPasswd required max=255
    lastname          text   isCustomerName required max=255
    firstname         text   isCustomerName required max=255
    email             text   isEmail required max=255
    company           text   isGenericName
    active            bool   isBool
    note              text   isCleanHtml
    is_guest          bool   isBool
    secure_key        text   isMd5
    date_add          moment isDate
    date_upd          moment isDate
""")
ADDRESS = table("""
    id_customer     int    isNullOrUnsignedId >customers
    id_manufacturer int    isNullOrUnsignedId >manufacturers
    id_supplier     int    isNullOrUnsignedId >suppliers
    id_warehouse    int    isNullOrUnsignedId >warehouse
    id_country      int    isUnsignedId required >countries
    id_state        int    isNullOrUnsignedId >states
    alias           text   isGenericName required max=32
    company         text   isGenericName max=255
    lastname        text   isName required max=255
    firstname       text   isName required max=255
    vat_number      text   isGenericName
    address1        text   isAddress required max=128
    address2        text   isAddress max=128
    postcode        text   isPostCode max=12
    city            text   isCityName required max=64
    other           text   isMessage max=300
    phone           text   isPhoneNumber max=32
    phone_mobile    text   isPhoneNumber max=32
    dni             text   isDniLite max=16
    deleted         bool   isBool
    date_add        moment isDate
    date_upd        moment isDate
""")
CARRIER = table("""
    deleted              bool  isBool
    is_module            bool  isBool
    id_tax_rules_group   int   isInt >tax_rule_groups
    id_reference         int
    name                 text  isCarrierName required max=64
    active               bool  isBool required
    is_free              bool  isBool
    url                  text  isAbsoluteUrl
    shipping_handling    bool  isBool
    shipping_external    text
    range_behavior       bool  isBool
    shipping_method      int   isUnsignedInt
    max_width            int   isUnsignedInt
    max_height           int   isUnsignedInt
    max_depth            int   isUnsignedInt
    max_weight           money isFloat
    grade                int   isUnsignedInt max=1
    external_module_name text  max=64
    need_range           text
    position             int
    delay                texts isGenericName max=512 required
""")
ORDER_CARRIER = table("""
    id_order               int    isUnsignedId required >orders
    id_carrier             int    isUnsignedId required >carriers
    id_order_invoice       int    isUnsignedId
    weight                 money  isFloat
    shipping_cost_tax_excl money  isFloat
    shipping_cost_tax_incl money  isFloat
    tracking_number        text   isTrackingNumber max=64
    date_add               moment isDate
""")
ORDER_CART_RULE = table("""
    id_order         int   isUnsignedId required >orders
    id_cart_rule     int   isUnsignedId required
    id_order_invoice int   isUnsignedId
    name             text  isCleanHtml required
    value            money isFloat required
    value_tax_excl   money isFloat required
    free_shipping    bool  isBool
    deleted          bool  isBool
""")
ORDER_DETAIL = table("""
    id_order                    int   isUnsignedId required >orders
    product_id                  int   isUnsignedId >products
    product_attribute_id        int   isUnsignedId >combinations
    product_quantity_reinjected int   isUnsignedInt
    group_reduction             money isFloat
    discount_quantity_applied   int   isInt
    download_hash               text  isGenericName
    download_deadline           moment isDateFormat
    id_order_invoice            int   isUnsignedId
    id_warehouse                int   isUnsignedId required
    id_shop                     int   isUnsignedId required
    id_customization            int   isUnsignedId
    product_name                text  isGenericName required
    product_quantity            int   isInt required
    product_quantity_in_stock   int   isInt
    product_quantity_return     int   isUnsignedInt
    product_quantity_refunded   int   isUnsignedInt
    product_price               money isPrice required
    reduction_percent           money isFloat
    reduction_amount            money isPrice
    reduction_amount_tax_incl   money isPrice
    reduction_amount_tax_excl   money isPrice
    product_quantity_discount   money isFloat
    product_ean13               text  isEan13
    product_isbn                text  isIsbn
    product_upc                 text  isUpc
    product_mpn                 text  isMpn
    product_reference           text  isReference
    product_supplier_reference  text  isReference
    product_weight              money isFloat
    tax_computation_method      int   isUnsignedId
    id_tax_rules_group          int   isInt
    ecotax                      money isFloat
    ecotax_tax_rate             rate  isFloat
    download_nb                 int   isInt
    unit_price_tax_incl         money isPrice
    unit_price_tax_excl         money isPrice
    total_price_tax_incl        money isPrice
    total_price_tax_excl        money isPrice
""")
ORDER_HISTORY = table("""
    id_employee    int    isUnsignedId >employees
    id_order_state int    isUnsignedId required >order_states
    id_order       int    isUnsignedId required >orders
    date_add       moment isDate
""")
ORDER_PAYMENT = table("""
    order_reference text   isAnything max=9
    id_currency     int    isUnsignedId required >currencies
    amount          money  isNegativePrice required
    payment_method  text   isGenericName
    conversion_rate money  isFloat
    transaction_id  text   isAnything max=254
    card_number     text   isAnything max=254
    card_brand      text   isAnything max=254
    card_expiration text   isAnything max=254
    card_holder     text   isAnything max=254
    date_add        moment isDate
""")
MESSAGE = table("""
    id_cart     int    isUnsignedId >carts
    id_order    int    isUnsignedId >orders
    id_customer int    isUnsignedId >customers
    id_employee int    isUnsignedId >employees
    message     text   isCleanHtml required max=1600
    private     bool   isBool
    date_add    moment isDate
""")
